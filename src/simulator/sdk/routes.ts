import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { unauthorized } from '../api/errors.js';
import { eventStream } from '../server/event-stream.js';
import type { ProjectEnvironment, Project } from '../world/model.js';
import type { World } from '../world/world.js';
import { sdkPayload } from './represent.js';
import { changeEvent, putEvent } from './stream.js';

/** One endpoint that SDKs call with the SDK key of their environment. */
export interface SdkRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly handle: (c: Context, world: World) => Response | Promise<Response>;
}

/**
 * The endpoints of LaunchDarkly's server-side SDKs. An application whose SDK uses this host (`baseUri`, `streamUri` and
 * `eventsUri`) evaluates the simulated flags. The REST API document does not cover these endpoints.
 */
export const sdkRoutes: readonly SdkRoute[] = [
  { method: 'GET', path: '/sdk/latest-all', handle: poll },
  { method: 'GET', path: '/all', handle: stream },
  { method: 'POST', path: '/bulk', handle: discardEvents },
  { method: 'POST', path: '/diagnostic', handle: discardEvents },
];

function poll(c: Context, world: World): Response {
  const { project, environment } = caller(c, world);
  const text = JSON.stringify(sdkPayload(project, environment.key));
  const tag = `"${createHash('sha256').update(text).digest('base64url')}"`;
  c.header('ETag', tag);
  if (c.req.header('if-none-match') === tag) return c.body(null, 304);
  c.header('Content-Type', 'application/json');
  return c.body(text);
}

function stream(c: Context, world: World): Response {
  let { project, environment } = caller(c, world);
  const { sdkKey } = environment;
  return eventStream(c, (send) => {
    send(putEvent(project, environment));
    const ends = [
      world.onChange((change) => {
        const event = changeEvent(project, environment, change);
        if (event) send(event);
      }),
      world.onReset(() => {
        const found = world.sdkKey(sdkKey);
        // An environment that was created after the start is gone, and nothing more happens in it.
        if (!found) return;
        ({ project, environment } = found);
        send(putEvent(project, environment));
      }),
    ];
    return () => {
      for (const end of ends) end();
    };
  });
}

/** Accepts analytics events and discards them. */
function discardEvents(c: Context, world: World): Response {
  caller(c, world);
  return c.body(null, 202);
}

function caller(
  c: Context,
  world: World,
): { readonly project: Project; readonly environment: ProjectEnvironment } {
  const found = world.sdkKey(c.req.header('authorization') ?? '');
  if (!found) throw unauthorized();
  return found;
}

import type { Context } from 'hono';
import { ErrorResponse, invalid, notFound } from '../api/errors.js';
import { checkExists, findEnvironment, findFlag, findProject } from '../api/lookup.js';
import { optionalString } from '../api/optional-string.js';
import { setTarget } from '../api/set-target.js';
import type { Writer } from '../api/writer.js';
import { readFilled, readObject, readVariation, refuseOthers } from '../patch/read.js';
import type { World } from '../world/world.js';
import type { PageTokens } from './page-token.js';

/** The header with the token of the page. A form cannot send it. */
export const TOKEN_HEADER = 'X-Page-Token';

/** Everything that a change made on the page needs. */
export interface EditParts {
  readonly world: World;
  readonly writer: Writer;
  readonly tokens: PageTokens;
}

const FIELDS = ['project', 'environment', 'flag', 'kind', 'key', 'variation', 'comment'];

/**
 * Sets or removes (`"variation": null`) a target, as a member would in LaunchDarkly's user interface:
 * `{"project", "environment", "flag", "kind", "key", "variation", "comment"}`. Answers `{"message"}`.
 */
export function editTarget(c: Context, parts: EditParts): Promise<Response> {
  return answer(c, parts, async (fields) => {
    refuseOthers(fields, FIELDS, 'target');
    const text = (name: string): string => readFilled(fields[name], name);
    const project = findProject(parts.world, text('project'));
    const environment = findEnvironment(project, text('environment')).key;
    const flag = findFlag(project, text('flag'));
    const kind = text('kind');
    if (!project.contextKinds.has(kind)) throw notFound('context kind', kind);
    const key = text('key');
    const variation =
      fields['variation'] === null
        ? undefined
        : readVariation(fields['variation'], 'variation', flag.variations.length);
    const comment = optionalString(fields, 'comment')?.trim();
    const description = await parts.writer.write(project, flag, environment, () => {
      checkExists(parts.world, project, flag, environment);
      return setTarget(parts.world, {
        project,
        environment,
        flag,
        kind,
        key,
        variation,
        comment: comment === '' ? undefined : comment,
        actor: 'member',
      });
    });
    return description ?? 'Nothing to change: it is like that already';
  });
}

/** Returns the simulator to what it started with. Answers `{"message"}`. */
export function resetWorld(c: Context, parts: EditParts): Promise<Response> {
  return answer(c, parts, async (fields) => {
    refuseOthers(fields, [], 'reset');
    await parts.writer.run(() => parts.world.reset());
    return 'Reset: everything is as it was at the start';
  });
}

/** Checks that a request comes from a page that this process served, makes the change, and answers. */
async function answer(
  c: Context,
  { tokens }: EditParts,
  change: (fields: ReturnType<typeof readObject>) => Promise<string>,
): Promise<Response> {
  try {
    checkPage(c, tokens);
    return c.json({ message: await change(readObject(await parse(c), 'the body')) });
  } catch (error) {
    if (error instanceof ErrorResponse) return c.json(error.body(), error.status);
    throw error;
  }
}

/**
 * The server has already refused a Host that is not this machine, and an Origin that is not that Host. Here an Origin is
 * required, because browsers send it with every change, and so are the token and JSON, which no form can send.
 */
function checkPage(c: Context, tokens: PageTokens): void {
  if (c.req.header('origin') === undefined) throw refused('only the page can do this: there is no Origin');
  if (!tokens.accepts(c.req.header(TOKEN_HEADER) ?? '', c.req.header('host') ?? '')) {
    throw refused('this page is out of date: reload it, and try again', 'stale_page');
  }
  if (!/^application\/json\b/.test(c.req.header('content-type') ?? '')) {
    throw invalid('the Content-Type must be application/json');
  }
}

function refused(message: string, code?: string): ErrorResponse {
  return new ErrorResponse(403, message, code);
}

async function parse(c: Context): Promise<unknown> {
  try {
    return await c.req.json();
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid('the body is not JSON');
    throw error;
  }
}

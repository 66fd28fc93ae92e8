import { Agent, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';
import { OperatorError } from '../diagnostics/operator-error.js';
import { isLoopback } from '../security/loopback.js';

/**
 * Opens connections to one host, through the proxy that `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` name in the
 * environment. Loopback addresses are always reached directly.
 * @param hostname decides whether a proxy is used; nothing is sent yet
 * @param settings of each connection; undici's defaults if absent
 * @param tunnelTimeout milliseconds that the proxy may take to open a tunnel; undici's default if absent
 * @throws OperatorError `proxy` if the proxy is not a valid URL
 */
export function openDispatcher(
  hostname: string,
  settings: Agent.Options = {},
  tunnelTimeout?: number,
): Dispatcher {
  if (isLoopback(hostname)) return new Agent(settings);
  try {
    return new EnvHttpProxyAgent({
      ...settings,
      // The settings do not apply to the connection to the proxy. Until it is closed, the process does not end.
      ...(tunnelTimeout === undefined
        ? {}
        : { clientFactory: (proxy, more) => new Pool(proxy, { ...more, headersTimeout: tunnelTimeout }) }),
    });
  } catch (cause) {
    throw new OperatorError('proxy', 'the proxy in HTTPS_PROXY or HTTP_PROXY is not a valid URL', {
      hint: 'write it like http://proxy.example:3128, or unset it',
      cause,
    });
  }
}

import { Agent, type Dispatcher, EnvHttpProxyAgent, fetch } from 'undici';
import { OperatorError } from '../diagnostics/operator-error.js';
import { isLoopback } from '../security/loopback.js';

export type Fetch = typeof fetch;

/**
 * Fetch for one host, through the proxy that `HTTPS_PROXY` and `NO_PROXY` name: runners in a company's own network
 * reach GitHub through one, and Node's own fetch knows of none.
 * @param base for example `https://api.github.com`
 */
export function fetchFrom(base: string): Fetch {
  const dispatcher = openDispatcher(base);
  return (input, init) => fetch(input, { ...init, dispatcher });
}

function openDispatcher(base: string): Dispatcher {
  if (URL.canParse(base) && isLoopback(new URL(base).hostname)) return new Agent();
  try {
    return new EnvHttpProxyAgent();
  } catch (cause) {
    throw new OperatorError('proxy', 'the proxy in HTTPS_PROXY or HTTP_PROXY is not a web address', {
      hint: 'write it like http://proxy.example:3128, or unset it',
      cause,
    });
  }
}

import { OperatorError } from '../../diagnostics/operator-error.js';
import { FAULT_STATUSES, type Fault, type FaultEffect, type Occurrence } from './fault.js';

/** How faults are written, for help and error messages. */
export const FAULT_SYNTAX = 'KIND[=NUMBER][,once|always|every=N|chance=P][,method=VERB][,path=GLOB]';

/** Every kind, and what a number after it would mean. */
const KINDS: Readonly<Record<string, (number: number | undefined) => FaultEffect | undefined>> = {
  latency: (ms = 1000) => ({ kind: 'latency', ms }),
  'reset-before': plain('reset-before'),
  'reset-after': plain('reset-after'),
  status: (asked = 500) => {
    const status = FAULT_STATUSES.find((known) => known === asked);
    return status && { kind: 'status', status };
  },
  'api-version': (status = 400) =>
    status === 400 || status === 406 ? { kind: 'api-version', status } : undefined,
  conflict: plain('conflict'),
  'ip-limit': (seconds = 1) => ({ kind: 'ip-limit', seconds }),
  truncate: plain('truncate'),
  malformed: plain('malformed'),
  'slow-body': (ms = 1000) => ({ kind: 'slow-body', ms }),
  'no-rate-headers': plain('no-rate-headers'),
  'past-reset': (ms = 60_000) => ({ kind: 'past-reset', ms }),
};

/** Which numbers a kind takes, if it does not take any number. */
const NUMBERS: Readonly<Record<string, string>> = {
  status: `status is ${FAULT_STATUSES.slice(0, -1).join(', ')} or ${FAULT_STATUSES.at(-1)}`,
  'api-version': 'api-version is 400 or 406',
};

function plain<K extends FaultEffect['kind']>(
  kind: K,
): (number: number | undefined) => { readonly kind: K } | undefined {
  return (number) => (number === undefined ? { kind } : undefined);
}

/**
 * Reads a fault as people write it, for example `status=503,every=10,method=PUT`. Without a word on when, it
 * happens always.
 * @throws OperatorError `bad-fault`
 */
export function parseFault(text: string): Fault {
  const [first = '', ...rest] = text.split(',').map((part) => part.trim());
  const [kind = '', value] = first.split('=', 2);
  const make = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (!make)
    throw bad(
      text,
      `there is no fault ${JSON.stringify(kind)}`,
      `known are ${Object.keys(KINDS).join(', ')}`,
    );
  const effect = make(value === undefined ? undefined : wholeNumber(text, kind, value));
  if (!effect) throw bad(text, `${first} is not possible`, NUMBERS[kind] ?? 'write it without a number');
  let when: Occurrence = 'always';
  const only: { method?: string; path?: string } = {};
  for (const part of rest) {
    const equals = part.indexOf('=');
    const name = equals === -1 ? part : part.slice(0, equals);
    const word = equals === -1 ? '' : part.slice(equals + 1);
    if (part === 'once' || part === 'always') when = part;
    else if (name === 'every') when = { every: Math.max(1, wholeNumber(text, name, word)) };
    else if (name === 'chance') when = { chance: share(text, word) };
    else if (name === 'method' && /^[A-Za-z]+$/.test(word)) only.method = word.toUpperCase();
    else if (name === 'path' && word !== '') only.path = word;
    else throw bad(text, `${JSON.stringify(part)} is not understood`, `write ${FAULT_SYNTAX}`);
  }
  return { effect, when, ...only };
}

function wholeNumber(text: string, name: string, value: string): number {
  if (!/^\d{1,9}$/.test(value)) throw bad(text, `${name} needs a whole number`, `write ${FAULT_SYNTAX}`);
  return Number(value);
}

function share(text: string, value: string): number {
  const number = Number(value);
  if (value === '' || !(number >= 0 && number <= 1))
    throw bad(text, 'chance is a number from 0 to 1', 'for example chance=0.1');
  return number;
}

function bad(text: string, message: string, hint: string): OperatorError {
  return new OperatorError('bad-fault', `the fault ${JSON.stringify(text)}: ${message}`, { hint });
}

import { OperatorError } from '../../diagnostics/operator-error.js';
import {
  FAULT_STATUSES,
  LATE_FAULT_STATUSES,
  type Fault,
  type FaultEffect,
  type Occurrence,
} from './fault.js';

/** The syntax of a fault, for help and error messages. */
export const FAULT_SYNTAX = 'KIND[=NUMBER][,once|always|every=N|chance=P][,method=VERB][,path=GLOB]';

/**
 * For each kind, a function that makes the effect from the number after it, or returns undefined if it is not allowed.
 */
const KINDS: Readonly<Record<string, (number: number | undefined) => FaultEffect | undefined>> = {
  latency: (ms = 1000) => ({ kind: 'latency', ms }),
  'reset-before': withoutNumber('reset-before'),
  'reset-after': withoutNumber('reset-after'),
  status: (number = 500) => {
    const status = FAULT_STATUSES.find((known) => known === number);
    return status && { kind: 'status', status };
  },
  'status-after': (number = 500) => {
    const status = LATE_FAULT_STATUSES.find((known) => known === number);
    return status && { kind: 'status-after', status };
  },
  late: (ms = 1000) => ({ kind: 'late', ms }),
  'api-version': (status = 400) =>
    status === 400 || status === 406 ? { kind: 'api-version', status } : undefined,
  conflict: withoutNumber('conflict'),
  'ip-limit': (seconds = 1) => ({ kind: 'ip-limit', seconds }),
  truncate: withoutNumber('truncate'),
  malformed: withoutNumber('malformed'),
  'slow-body': (ms = 1000) => ({ kind: 'slow-body', ms }),
  'no-rate-headers': withoutNumber('no-rate-headers'),
  'past-reset': (ms = 60_000) => ({ kind: 'past-reset', ms }),
};

/** The allowed numbers, for kinds that accept only certain ones. */
const NUMBERS: Readonly<Record<string, string>> = {
  status: `status must be ${oneOf(FAULT_STATUSES)}`,
  'status-after': `status-after must be ${oneOf(LATE_FAULT_STATUSES)}`,
  'api-version': 'api-version must be 400 or 406',
};

function oneOf(statuses: readonly number[]): string {
  return `${statuses.slice(0, -1).join(', ')} or ${statuses.at(-1)}`;
}

function withoutNumber<K extends FaultEffect['kind']>(
  kind: K,
): (number: number | undefined) => { readonly kind: K } | undefined {
  return (number) => (number === undefined ? { kind } : undefined);
}

/**
 * Parses a fault, for example `status=503,every=10,method=PUT`. By default it affects every request.
 * @throws OperatorError `bad-fault`
 */
export function parseFault(text: string): Fault {
  const [first = '', ...rest] = text.split(',').map((part) => part.trim());
  const [kind = '', value] = first.split('=', 2);
  const make = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined;
  if (!make)
    throw bad(
      text,
      `unknown fault ${JSON.stringify(kind)}`,
      `the faults are ${Object.keys(KINDS).join(', ')}`,
    );
  const effect = make(value === undefined ? undefined : wholeNumber(text, kind, value));
  if (!effect)
    throw bad(text, `${first} is not a valid fault`, NUMBERS[kind] ?? `write ${kind} without a number`);
  let when: Occurrence = 'always';
  const only: { method?: string; path?: string } = {};
  for (const part of rest) {
    const equals = part.indexOf('=');
    const name = equals === -1 ? part : part.slice(0, equals);
    const word = equals === -1 ? '' : part.slice(equals + 1);
    if (part === 'once' || part === 'always') when = part;
    else if (name === 'every') when = { every: Math.max(1, wholeNumber(text, name, word)) };
    else if (name === 'chance') when = { chance: probability(text, word) };
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

function probability(text: string, value: string): number {
  const number = Number(value);
  if (value === '' || !(number >= 0 && number <= 1))
    throw bad(text, 'chance must be a number from 0 to 1', 'for example chance=0.1');
  return number;
}

function bad(text: string, message: string, hint: string): OperatorError {
  return new OperatorError('bad-fault', `the fault ${JSON.stringify(text)}: ${message}`, { hint });
}

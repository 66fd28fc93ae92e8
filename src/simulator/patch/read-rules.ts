import { invalid } from '../api/errors.js';
import type { Json } from '../../json/json.js';
import type { JsonObject } from '../../json/object.js';
import { uuid } from '../world/ids.js';
import type { Clause, Rollout, Rule, Serve } from '../world/model.js';
import {
  readBoolean,
  readFilled,
  readList,
  readObject,
  readString,
  readVariation,
  readWhole,
  refuseOthers,
} from './read.js';

/** All of a rollout, in thousandths of a percent. */
const ALL = 100_000;

const ROLLOUT = ['variations', 'bucketBy', 'contextKind', 'seed'];
const CLAUSE = ['_id', 'attribute', 'op', 'values', 'negate', 'contextKind'];
const RULE = ['_id', 'clauses', 'variation', 'rollout', 'trackEvents', 'description', 'disabled', 'ref'];

/**
 * What a fallthrough or a rule serves: a variation or a rollout.
 * @param count of the flag's variations
 */
export function readServe(value: unknown, name: string, count: number): Serve {
  const object = readObject(value, name);
  refuseOthers(object, ['variation', 'rollout'], name);
  return serveIn(object, name, count);
}

/** @param count of the flag's variations */
export function readRules(value: unknown, name: string, count: number): readonly Rule[] {
  return readList(value, name, (item, path) => readRule(item, path, count));
}

function readRule(value: unknown, name: string, count: number): Rule {
  const object = readObject(value, name);
  refuseOthers(object, RULE, name);
  const { description, disabled, ref } = object;
  return {
    _id: idOf(object, name),
    ...serveIn(object, name, count),
    clauses: readList(object['clauses'], `${name}/clauses`, readClause),
    trackEvents: readBoolean(object['trackEvents'] ?? false, `${name}/trackEvents`),
    ...(isAbsent(description) ? {} : { description: readString(description, `${name}/description`) }),
    ...(isAbsent(disabled) ? {} : { disabled: readBoolean(disabled, `${name}/disabled`) }),
    ...(isAbsent(ref) ? {} : { ref: readString(ref, `${name}/ref`) }),
  };
}

function readClause(value: unknown, name: string): Clause {
  const object = readObject(value, name);
  refuseOthers(object, CLAUSE, name);
  const { contextKind } = object;
  return {
    _id: idOf(object, name),
    attribute: readString(object['attribute'], `${name}/attribute`),
    op: readFilled(object['op'], `${name}/op`),
    values: readList(object['values'], `${name}/values`, asJson),
    negate: readBoolean(object['negate'] ?? false, `${name}/negate`),
    ...(isAbsent(contextKind) ? {} : { contextKind: readFilled(contextKind, `${name}/contextKind`) }),
  };
}

function serveIn({ variation, rollout }: JsonObject, name: string, count: number): Serve {
  if (isAbsent(variation) === isAbsent(rollout)) {
    throw invalid(`${name} must have either a variation or a rollout`);
  }
  if (isAbsent(rollout)) return { variation: readVariation(variation, `${name}/variation`, count) };
  return { rollout: readRollout(rollout, `${name}/rollout`, count) };
}

function readRollout(value: unknown, name: string, count: number): Rollout {
  const object = readObject(value, name);
  refuseOthers(object, ROLLOUT, name);
  const { bucketBy, contextKind, seed } = object;
  const variations = readList(object['variations'], `${name}/variations`, (item, path) => {
    const weighted = readObject(item, path);
    refuseOthers(weighted, ['variation', 'weight'], path);
    return {
      variation: readVariation(weighted['variation'], `${path}/variation`, count),
      weight: readWhole(weighted['weight'], `${path}/weight`),
    };
  });
  const sum = variations.reduce((total, { weight }) => total + weight, 0);
  if (sum !== ALL) throw invalid(`the weights of ${name} must add up to ${ALL}, not ${sum}`);
  return {
    variations,
    ...(isAbsent(bucketBy) ? {} : { bucketBy: readFilled(bucketBy, `${name}/bucketBy`) }),
    ...(isAbsent(contextKind) ? {} : { contextKind: readFilled(contextKind, `${name}/contextKind`) }),
    ...(isAbsent(seed) ? {} : { seed: readWhole(seed, `${name}/seed`) }),
  };
}

/** The id that a rule or clause already has, or a new one. */
function idOf(object: JsonObject, name: string): string {
  const { _id: id, ...rest } = object;
  return isAbsent(id) || id === '' ? uuid('rule', name, JSON.stringify(rest)) : readFilled(id, `${name}/_id`);
}

/** Clients in Go send some absent fields as null. */
function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}

/** A request is parsed from JSON, so its values are JSON. */
function asJson(value: unknown, name: string): Json {
  if (isJson(value)) return value;
  throw invalid(`${name} is missing`);
}

function isJson(value: unknown): value is Json {
  return value !== undefined;
}

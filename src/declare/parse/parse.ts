import { isMap, isScalar, isSeq, type ParsedNode, type Scalar } from 'yaml';
import type { Diagnostic, Position } from '../../diagnostics/diagnostic.js';
import { DiagnosticList } from '../../diagnostics/list.js';
import type { Json } from '../../json/json.js';
import { MANAGE_MODES, type ManageMode } from '../../reconcile/manage.js';
import type { DesiredOverride, Expiry, ScopeId } from '../../reconcile/state.js';
import { LIMITS } from '../../yaml/limits.js';
import { child } from '../../yaml/position.js';
import { checkedParser } from '../../yaml/checked-parser.js';
import type { SourceText } from '../../yaml/source.js';
import { parseExpiry } from './expiry.js';
import { MAX_OVERRIDES } from './limits.js';
import { validate } from './overrides-validator.mjs';
import { isLongForm, parseSetting } from './setting.js';
import { suspicionOf } from '../../text/suspicious.js';

/** A scope that a file declares for. */
export interface NamedScope extends ScopeId {
  /** Position of the environment's name. */
  readonly at: Position;
}

/** One file's overrides, and the scopes that each of them is declared for. */
export interface Declaration {
  readonly scopes: readonly NamedScope[];
  readonly overrides: readonly DesiredOverride[];
  /** Position of the file's `project`. */
  readonly at: Position;
}

interface OverridesFile {
  readonly project: string;
  readonly environment?: string;
  readonly environments?: readonly string[];
  readonly owner?: string;
  readonly reason?: string;
}

/** The parts of an override that its file, its group, or the override itself gives; the innermost counts. */
type Common = Pick<DesiredOverride, 'owner' | 'reason' | 'expires' | 'manage'>;

/** What a file declares; `declaration` is absent if a diagnostic is an error. */
export interface Parsed {
  readonly declaration?: Declaration;
  readonly diagnostics: readonly Diagnostic[];
}

/** Parses a declaration. Pure: whether it has expired is decided later. */
export const parseDeclaration: (source: SourceText) => Parsed = checkedParser<OverridesFile, Parsed>(
  validate,
  ({ yaml, content: file }) => {
    const { source } = yaml;
    const reader = new OverrideReader(source, file);
    reader.readFile(yaml.root);
    const diagnostics = reader.diagnostics.all();
    if (reader.diagnostics.hasErrors) return { diagnostics };
    const environments = file.environments ?? [file.environment ?? ''];
    const list = node(yaml.root, 'environments');
    return {
      declaration: {
        scopes: environments.map((environment, index) => {
          const name = isSeq(list) ? list.items[index] : node(yaml.root, 'environment');
          return { project: file.project, environment, at: source.positionAt(name?.range[0] ?? 0) };
        }),
        overrides: reader.overrides,
        at: source.positionAt(child(yaml.root, 'project')?.keyOffset ?? 0),
      },
      diagnostics,
    };
  },
);

/** Walks the nodes of a file that the schema has accepted. */
class OverrideReader {
  readonly overrides: DesiredOverride[] = [];
  readonly diagnostics = new DiagnosticList(LIMITS.shown);
  #isFull = false;
  readonly #source: SourceText;
  readonly #owner: Pick<Common, 'owner'>;

  constructor(source: SourceText, { owner }: OverridesFile) {
    this.#source = source;
    this.#owner = owner === undefined ? {} : { owner };
  }

  readFile(root: ParsedNode): void {
    const common = this.#within(this.#owner, root);
    this.#readContexts('user', node(root, 'users'), common);
    for (const [kind, contexts] of entries(node(root, 'contexts'))) {
      this.#readContexts(kind.value, contexts, common);
    }
    const list = node(root, 'groups');
    if (!isSeq(list)) return;
    for (const item of list.items) this.#readGroup(item, common);
  }

  /** What applies within a map that may have its own `expires`, `reason` and `manage`. */
  #within(common: Common, map: ParsedNode): Common {
    const expires = node(map, 'expires');
    const reason = node(map, 'reason');
    const manage = manageIn(map);
    return {
      ...common,
      ...(isScalar(reason) ? { reason: String(reason.value) } : {}),
      ...(isScalar(expires) ? { expires: this.#expiry(expires) } : {}),
      ...(manage === undefined ? {} : { manage }),
    };
  }

  #expiry({ value, range }: Scalar.Parsed): Expiry {
    const { line, col } = this.#source.positionAt(range[0]);
    const text = String(value);
    return { at: parseExpiry(text), text, line, col };
  }

  #readContexts(kind: string, contexts: ParsedNode | null, common: Common): void {
    for (const [key, settings] of entries(contexts)) {
      this.#checkKey(kind, key);
      this.#readSettings([{ kind, key: key.value }], settings, common);
    }
  }

  #readGroup(group: ParsedNode, outer: Common): void {
    const members = this.#readMembers('user', node(group, 'users'));
    for (const [kind, keys] of entries(node(group, 'contexts'))) {
      for (const member of this.#readMembers(kind.value, keys)) members.push(member);
    }
    this.#readSettings(members, node(group, 'flags'), this.#within(outer, group));
  }

  #checkKey(kind: string, { value, range }: Scalar.Parsed): void {
    const key = String(value);
    const suspicion = suspicionOf(key);
    if (suspicion === undefined) return;
    const message = `the key ${JSON.stringify(key)} of the kind ${kind} ${suspicion}`;
    const hint = 'type it again, unless the key in LaunchDarkly is exactly the same';
    const at = this.#source.positionAt(range[0]);
    this.diagnostics.add({ severity: 'warning', code: 'suspicious-key', message, hint, at });
  }

  /** The contexts in a list; a repeated one is reported and counts once. */
  #readMembers(kind: string, list: ParsedNode | null): { readonly kind: string; readonly key: string }[] {
    const members = new Set<string>();
    for (const item of isSeq(list) ? (list.items as Scalar.Parsed[]) : []) {
      const key = String(item.value);
      this.#checkKey(kind, item);
      if (members.has(key)) {
        const message = `${kind} ${JSON.stringify(key)} appears twice in this list`;
        const at = this.#source.positionAt(item.range[0]);
        const hint = 'keep one of them';
        this.diagnostics.add({ severity: 'warning', code: 'declared-twice', message, hint, at });
      }
      members.add(key);
    }
    return [...members].map((key) => ({ kind, key }));
  }

  #readSettings(
    members: readonly { readonly kind: string; readonly key: string }[],
    settings: ParsedNode | null,
    outer: Common,
  ): void {
    for (const [flag, value] of entries(settings)) {
      const at = this.#source.positionAt(flag.range[0]);
      if (value === null || (isScalar(value) && value.value === null && (value.source ?? '') === '')) {
        const message = `${flag.value} has no setting`;
        const hint = 'write null if there must be no override';
        this.diagnostics.add({ severity: 'error', code: 'setting-missing', message, hint, at });
        continue;
      }
      if (this.overrides.length + members.length > MAX_OVERRIDES) {
        if (this.#isFull) return;
        this.#isFull = true;
        const message = `the file declares more than ${MAX_OVERRIDES} overrides`;
        const hint = 'use a targeting rule or a segment for that many contexts';
        this.diagnostics.add({ severity: 'error', code: 'too-many-overrides', message, hint, at });
        return;
      }
      const setting = parseSetting(value.toJSON() as Json);
      const common = isLongForm(value) ? this.#within(outer, value) : outer;
      for (const member of members)
        this.overrides.push({ ...common, ...member, flag: flag.value, setting, at });
    }
  }
}

function node(parent: ParsedNode, key: string): ParsedNode | null {
  return child(parent, key)?.node ?? null;
}

function manageIn(map: ParsedNode): ManageMode | undefined {
  const manage = node(map, 'manage');
  const modes = Object.keys(MANAGE_MODES) as ManageMode[];
  return isScalar(manage) ? modes.find((mode) => mode === manage.value) : undefined;
}

type Key = Scalar.Parsed & { readonly value: string };

function* entries(map: ParsedNode | null): Generator<readonly [Key, ParsedNode | null]> {
  if (!isMap(map)) return;
  for (const pair of map.items) yield [pair.key as Key, pair.value];
}

import type { ProgramRun } from './program.js';
import { Disagreement } from './disagreement.js';

/** The parts of `--format json` that are compared. */
export interface PlanJson {
  readonly changes: readonly ChangeJson[];
  readonly scopes: readonly {
    readonly environment: string;
    readonly unchanged: number;
    readonly leftAlone?: number;
    readonly unmanaged: Readonly<Record<string, number>>;
    readonly complete: boolean;
  }[];
  readonly guards: readonly { readonly code: string; readonly lifted: boolean }[];
  readonly filtered: number;
}

export interface ChangeJson {
  readonly environment: string;
  readonly flag: string;
  readonly kind: string;
  readonly key: string;
  readonly action: string;
  readonly before: { readonly variation: number } | null;
  readonly after: { readonly variation: number } | null;
  readonly mark: string;
  readonly liveMoved: boolean;
  readonly withheld?: string;
}

type IdentityJson = Pick<ChangeJson, 'environment' | 'flag' | 'kind' | 'key'>;

export interface ResultJson {
  readonly format: string;
  readonly exitCode: number;
  readonly interrupted: boolean;
  readonly outcomes: readonly {
    readonly change: IdentityJson;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
  }[];
  readonly verification: {
    readonly mismatches: readonly { readonly change: IdentityJson }[];
    readonly failure: string | null;
  } | null;
  readonly recorded: readonly { readonly environment: string }[];
  readonly plan: PlanJson;
}

export function idOf({ environment, flag, kind, key }: IdentityJson): string {
  return `${environment} ${flag} ${kind} ${key}`;
}

/** The plan that `plan` printed, or `apply` if a guard refused it. */
export function planOf(run: ProgramRun): PlanJson {
  return parse(run) as PlanJson;
}

/** The report of an apply; undefined if there is none, because it ended before the first write. */
export function resultOf(run: ProgramRun): ResultJson | undefined {
  if (run.stdout === '') return undefined;
  const value = parse(run) as ResultJson;
  return value.format.startsWith('flagops-result/') ? value : undefined;
}

function parse(run: ProgramRun): unknown {
  try {
    return JSON.parse(run.stdout);
  } catch {
    throw new Disagreement('crash', `no JSON; the code is ${run.code}\n${run.stdout}\n${run.stderr}`);
  }
}

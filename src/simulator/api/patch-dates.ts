import type { JsonObject } from '../../json/object.js';
import { changeDate, DATE_CHANGES, type DateChange, type DatedTarget } from '../patch/expiring.js';
import type { Flag, Project, ProjectEnvironment } from '../world/model.js';
import { ErrorResponse, invalid, notFound } from './errors.js';
import { checkActions, checkApproval } from './permissions.js';
import type { RouteRequest } from './route.js';
import { semanticPatch } from './semantic-patch.js';

/** The counts and errors that the responses to all patches of dates share. */
export interface DatesOutcome {
  readonly totalInstructions: number;
  readonly successfulInstructions: number;
  readonly failedInstructions: number;
  readonly errors: readonly { readonly instructionIndex: number; readonly message: string }[];
}

/** One endpoint that patches the dates of targets. */
export interface DatesPatch {
  readonly project: Project;
  readonly environment: ProjectEnvironment;
  /** The kinds of its instructions. */
  readonly kinds: Readonly<Record<string, DateChange>>;
  /** Finds the target that an instruction names. Throws an ErrorResponse if there is none. */
  readonly find: (instruction: JsonObject) => DatedTarget;
}

/**
 * Patches the dates of individual targets. Each instruction succeeds or fails on its own. Each flag that changes gets one
 * entry in the audit log.
 * @throws ErrorResponse 400 if the request is not such a patch
 */
export async function patchDates(
  request: RouteRequest,
  { project, environment, kinds, find }: DatesPatch,
): Promise<DatesOutcome> {
  const { comment, instructions } = semanticPatch(request);
  checkActions(request.token, ['updateExpiringTargets']);
  checkApproval(request.token, environment, 403);
  const steps = instructions.map((instruction) => ({ instruction, change: changeOf(instruction, kinds) }));
  return request.writer.run(() => {
    const errors: { instructionIndex: number; message: string }[] = [];
    const changed = new Map<Flag, Set<DateChange>>();
    for (const [instructionIndex, { instruction, change }] of steps.entries()) {
      try {
        const target = find(instruction);
        if (project.flags.get(target.flag.key) !== target.flag) throw notFound('flag', target.flag.key);
        if (target.flag.state === 'archived') throw invalid('an archived flag cannot be changed');
        changeDate(target, change, instruction, request.now());
        changed.set(target.flag, (changed.get(target.flag) ?? new Set()).add(change));
      } catch (error) {
        if (!(error instanceof ErrorResponse)) throw error;
        errors.push({ instructionIndex, message: error.message });
      }
    }
    for (const [flag, changes] of changed) {
      request.world.recordAction(project, flag, environment.key, {
        actor: request.token,
        comment,
        actions: ['updateExpiringTargets'],
        titleVerb: 'updated the expiring targets of',
        description: [...changes].map((change) => DATE_CHANGES[change]).join(', '),
      });
    }
    return {
      totalInstructions: steps.length,
      successfulInstructions: steps.length - errors.length,
      failedInstructions: errors.length,
      errors,
    };
  });
}

function changeOf(instruction: JsonObject, kinds: DatesPatch['kinds']): DateChange {
  const kind = String(instruction['kind']);
  const change = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (!change) throw invalid(`the instruction ${JSON.stringify(kind)} does not change expiring targets`);
  return change;
}

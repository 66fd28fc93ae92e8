import type { Api } from '../http/api.js';
import { ApiError } from '../http/api-error.js';
import { contextKinds } from '../paths.js';
import { checkNames } from './check-names.js';
import { expectList, expectObject, expectString } from './json-fields.js';

/** Lists a project's context kinds. See `FlagReader.listContextKinds`. */
export async function listContextKinds(api: Api, project: string): Promise<ReadonlySet<string>> {
  try {
    const response = expectObject(await api.get(contextKinds(project)), `the context kinds of ${project}`);
    const kinds = expectList(response['items'], `the context kinds of ${project}`).map((item) =>
      expectObject(item, `a context kind of ${project}`),
    );
    return new Set(
      kinds
        .filter((kind) => kind['archived'] !== true && kind['hideInTargeting'] !== true)
        .map((kind) => expectString(kind['key'], `the key of a context kind of ${project}`)),
    );
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) await checkNames(api, project, []);
    throw error;
  }
}

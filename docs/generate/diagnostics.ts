import type { ErrorCode, OperatorErrorCode, WarningCode } from '../../src/diagnostics/codes.js';
import { GUARDS } from '../../src/reconcile/guards/table.js';
import { code, generated, table } from './markdown.js';

/** What a code means, and what to do about it: one sentence each. */
interface Entry {
  readonly cause: string;
  readonly remedy: string;
}

const TOO_MANY: Entry['remedy'] = 'Use a targeting rule or a segment for that many contexts.';
const SPLIT: Entry['remedy'] = 'Split the file into several files.';
const BASE_URL: Entry['remedy'] = 'Check the base URL, and whether a proxy answers in its place.';
const AGAIN: Entry['remedy'] = 'Run again; if it happens again, check the base URL and the network.';

const ERRORS: Readonly<Record<ErrorCode, Entry>> = {
  'bad-glob': {
    cause: 'A glob in the configuration is not one that flagops supports.',
    remedy: 'Use `*`, `?`, `[a-z]`, `{a,b}`, and `**` in paths.',
  },
  'content-filter': {
    cause: 'A git attribute makes git check out a declaration with different content than was committed.',
    remedy: 'Unset the attribute in `.gitattributes`.',
  },
  'declared-differently': {
    cause: 'Two declarations give the same flag different settings, or `manage`, for the same context.',
    remedy: 'Keep one of them.',
  },
  'expires-missing': {
    cause:
      'An override has no `expires`, and `policies` of the scope requires one or limits how far ahead it may be.',
    remedy: 'Add `expires` to the override, its group or its file.',
  },
  'file-not-allowed': {
    cause: 'A file declares for a scope whose `files` do not include it, or is a symbolic link.',
    remedy: 'Move the declaration, or add its file to `files` of the scope.',
  },
  'file-too-large': { cause: 'A file has more than 4 MiB.', remedy: SPLIT },
  'file-unreadable': {
    cause: 'A declaration cannot be read.',
    remedy: 'Make it readable, or narrow the globs.',
  },
  'flag-archived': {
    cause: 'A declaration sets a flag that is archived, and LaunchDarkly does not have that override.',
    remedy: 'Run `flagops tidy --archived`, delete the override, or restore the flag.',
  },
  'flag-excluded': {
    cause: 'A declaration sets a flag that the configuration excludes from the scope.',
    remedy: 'Delete the override, or change `flags.include` and `flags.exclude` of the scope.',
  },
  'flag-unknown': {
    cause: 'The project has no flag with this key, or the token cannot see it.',
    remedy: "Check the flag's key.",
  },
  'folder-unreadable': {
    cause: 'A folder that the globs search cannot be read.',
    remedy: 'Make the folder readable.',
  },
  'kind-unknown': {
    cause: 'The project has no context kind with this key.',
    remedy: 'Check the kind, or create it in LaunchDarkly.',
  },
  'lifetime-too-long': {
    cause: 'A date is farther ahead than `policies.maxLifetime` of the scope allows.',
    remedy: 'Write an earlier date. It can be moved later once it is near.',
  },
  'link-broken': {
    cause: 'A symbolic link that matches the globs leads nowhere.',
    remedy: 'Delete or fix the link.',
  },
  'link-outside': {
    cause: 'A symbolic link that matches the globs leads out of the repository.',
    remedy: 'Copy the file into the repository.',
  },
  'link-to-folder': {
    cause: 'A symbolic link leads to a folder with declarations, which git would not follow.',
    remedy: 'Add that folder to the globs instead.',
  },
  'more-errors': {
    cause: 'There are more errors than flagops lists.',
    remedy: 'Fix those that are listed, and run again.',
  },
  'not-a-file': {
    cause: 'Something that matches the globs is not a regular file.',
    remedy: 'Delete it, or narrow the globs.',
  },
  'not-text': {
    cause: 'A file that matches the globs is not UTF-8 text.',
    remedy: 'Save it as UTF-8, or narrow the globs.',
  },
  'null-kept': {
    cause:
      'An override is `null`, which removes it, but its `manage` is `keep` or `create`: it is never removed.',
    remedy: 'Delete it, or declare it in a file or a group with `manage: full`.',
  },
  'owner-missing': {
    cause: 'A file has no `owner`, and `policies.require` of the scope requires one.',
    remedy: 'Add `owner` to the file.',
  },
  'reason-missing': {
    cause: 'An override has no `reason`, and `policies.require` of the scope requires one.',
    remedy: 'Add `reason` to the override or its file.',
  },
  'repeated-scope': {
    cause: 'The configuration lists a scope twice.',
    remedy: 'Merge the two entries.',
  },
  'scope-not-listed': {
    cause: 'A declaration is for a scope that is not among the `scopes` of the configuration.',
    remedy: 'Correct the declaration, or add the scope to the configuration.',
  },
  'seed-reference': {
    cause: "The simulator's seed refers to something that it does not contain.",
    remedy: 'Add it to the seed, or correct the reference.',
  },
  'setting-missing': {
    cause: 'A flag has no setting in a declaration.',
    remedy: "Write the variation's value, or `null` for no override.",
  },
  'too-many-bytes': { cause: 'All declarations together have more than 64 MiB.', remedy: TOO_MANY },
  'too-many-errors': {
    cause: 'After 1000 errors, the remaining files were not read.',
    remedy: 'Fix those that are listed, and run again.',
  },
  'too-many-for-context': {
    cause: 'A context has more overrides in a scope than `policies.maxPerContext` allows.',
    remedy: 'Delete overrides that are no longer needed, or use targeting rules.',
  },
  'too-many-for-flag': {
    cause: 'A flag has more overrides in a scope than `policies.maxPerFlag` allows.',
    remedy: 'Use a targeting rule or a segment for that many contexts.',
  },
  'too-many-overrides': {
    cause: 'All declarations together have more than 500,000 overrides.',
    remedy: TOO_MANY,
  },
  'too-many-reviewers': {
    cause: 'A scope of the configuration notifies more than ten members and teams of approval requests.',
    remedy: 'Use a team for several members.',
  },
  'variation-ambiguous': {
    cause: 'Several variations of the flag have the declared value.',
    remedy: 'Name one with `{$variation: INDEX}`.',
  },
  'variation-not-settable': {
    cause: 'A PUT cannot select a variation whose value is `null` or shared with another variation.',
    remedy: 'Set `writes: batch`, or give the variation a unique value in LaunchDarkly.',
  },
  'variation-unknown': {
    cause: 'No variation of the flag has the declared value, name or index.',
    remedy: 'Use one of the variations that the message lists.',
  },
  'yaml-alias': {
    cause: 'The file uses a YAML alias (`*name`), which is not supported.',
    remedy: 'Repeat the value, use groups, or quote it if text is meant.',
  },
  'yaml-anchor': {
    cause: 'The file uses a YAML anchor (`&name`), which is not supported.',
    remedy: 'Delete it; groups apply the same settings to many contexts.',
  },
  'yaml-character': {
    cause: 'The file contains a control character, or a carriage return without a line feed.',
    remedy: 'Delete it, or write it as an escape in a quoted text.',
  },
  'yaml-directive': {
    cause: 'The file has a YAML directive (a line that starts with `%`), which is not supported.',
    remedy: 'Delete the line.',
  },
  'yaml-duplicate-key': { cause: 'A map has the same key twice.', remedy: 'Keep one of them.' },
  'yaml-empty': {
    cause: 'The file has no content other than comments.',
    remedy: 'Delete the file, or fill it in.',
  },
  'yaml-merge-key': {
    cause: 'The file uses a YAML merge key (`<<`), which is not supported.',
    remedy: 'Repeat the entries, or use groups.',
  },
  'yaml-more': {
    cause: 'There are more problems in this file than flagops lists.',
    remedy: 'Fix those that are listed, and run again.',
  },
  'yaml-number': {
    cause: 'A number is not a JSON number, or is too large to be kept exactly.',
    remedy: 'Quote it if text is meant.',
  },
  'yaml-several-documents': {
    cause: 'The file has more than one YAML document; a `---` at the end starts one, too.',
    remedy: 'Put each document into its own file.',
  },
  'yaml-syntax': {
    cause:
      'The file is not valid YAML, most often because of a quote, a bracket, a colon or the indentation.',
    remedy: 'Correct the line with the caret; if it looks right, look for an open quote or bracket above it.',
  },
  'yaml-tag': {
    cause: 'The file uses a YAML tag (`!name`), which is not supported.',
    remedy: 'Delete it, and quote what must be text.',
  },
  'yaml-text': {
    cause: 'A text contains half of a surrogate pair.',
    remedy: 'Write the whole character.',
  },
  'yaml-too-deep': {
    cause: 'Maps and lists are nested more than 40 levels deep.',
    remedy: 'Use less nesting; a declaration needs six levels, plus those of a JSON value.',
  },
  'yaml-too-long': {
    cause: 'A text, a comment or a run of blanks has more than 1 MiB.',
    remedy: 'Shorten it, and check that quotes are closed.',
  },
  'yaml-too-much': {
    cause: 'The file has more content than flagops reads from one file (about 100,000 overrides).',
    remedy: SPLIT,
  },
  'unknown-key': {
    cause: 'A map has a key that is not known there.',
    remedy: "Check the key's spelling and indentation.",
  },
  'bad-value': {
    cause:
      'A value is not one that is allowed there, such as a word that is not in a list, or text that is not a date or a key.',
    remedy: 'Use one that the message names.',
  },
  'out-of-range': {
    cause: 'A number is too small or too large.',
    remedy: 'Use one within the limit that the message names.',
  },
  'too-long': {
    cause: 'A key, a name, a reason or another text has more characters than its limit.',
    remedy: 'Shorten it to the limit that the message names.',
  },
  'too-many-keys': {
    cause: 'A map has more entries than it may have.',
    remedy: 'Delete some, down to the number that the message names.',
  },
  'empty-value': { cause: 'A text, a list or a map is empty.', remedy: 'Fill it in, or delete it.' },
  'more-violations': {
    cause: 'There are more violations in this file than flagops lists.',
    remedy: 'Fix those that are listed, and run again.',
  },
  'not-allowed': {
    cause: 'A word is reserved, such as the context kinds `user` (below `contexts`), `kind` and `multi`.',
    remedy: 'Declare users below `users:`, and multi-kind contexts by each of their kinds.',
  },
  'key-choice': {
    cause: 'None, or more than one, of several mutually exclusive keys is present.',
    remedy: 'Keep exactly one of them.',
  },
  'missing-key': {
    cause: 'A required key is missing, for example `project` in a declaration.',
    remedy: 'Add the key that the message names; the reference lists which ones are required.',
  },
  'wrong-type': {
    cause: 'A value has the wrong type; for example, YAML reads an unquoted `123` as a number.',
    remedy: 'Quote it if text is meant, or write the type that the message names.',
  },
  'repeated-item': { cause: 'A list has the same item twice.', remedy: 'Keep one of them.' },
};

const WARNINGS: Readonly<Record<WarningCode, Entry>> = {
  'date-passed': {
    cause: 'An `expires` date has passed, so its overrides are no longer desired.',
    remedy: 'Correct the date if it is mistyped; otherwise delete what has expired.',
  },
  'declared-twice': {
    cause: 'The same override, or the same member of a group, is declared twice.',
    remedy: 'Keep one of them.',
  },
  'more-warnings': {
    cause: 'There are more warnings than flagops lists.',
    remedy: 'Fix those that are listed, and run again.',
  },
  'suspicious-key': {
    cause:
      'A context key, or a glob for keys, has blanks at its ends, invisible characters, or looks like another one.',
    remedy: 'Type it again, unless the key in LaunchDarkly is exactly the same.',
  },
};

const OPERATOR_ERRORS: Readonly<Record<OperatorErrorCode, Entry>> = {
  'answer-cut': { cause: "The API's response ended early.", remedy: AGAIN },
  'answer-too-large': {
    cause: "The API's response is larger than any of LaunchDarkly's.",
    remedy: BASE_URL,
  },
  'api-error': {
    cause: 'LaunchDarkly refused a request.',
    remedy: 'Act on the message of LaunchDarkly that is shown, or run again with `--debug` for details.',
  },
  'api-unavailable': {
    cause: 'LaunchDarkly responded with a server error.',
    remedy: 'See status.launchdarkly.com, and run again later.',
  },
  'apply-refused': {
    cause: 'The Action does not apply for this event, or not on this branch.',
    remedy: 'Apply on pushes to the default branch, or set `apply-branch`.',
  },
  'attempt-not-recorded': {
    cause: 'An apply could not record its attempt before the first write, so nothing was written.',
    remedy:
      'Let the job push `refs/flagops/*` (`contents: write`), make sure that `.git` is writable, or pass `--no-record`.',
  },
  'attempt-unreadable': {
    cause: 'A ref of an attempt does not point to an attempt that this version can read.',
    remedy: 'Upgrade flagops, or delete the ref here and on the remote as docs/refs.md says.',
  },
  'bad-approvals': {
    cause: 'The simulator has no such environment or approval request, or cannot do this with the request.',
    remedy: 'Name an environment as `ENVIRONMENT` or `PROJECT/ENVIRONMENT`, and a request by its id.',
  },
  'bad-clock': {
    cause: "A time sent to the simulator's control port is not valid.",
    remedy: 'Send `{"now": "2026-12-31T00:00:00Z"}` or `{"advance": 60000}` (milliseconds).',
  },
  'bad-fault': {
    cause: 'A fault given to the simulator is not valid.',
    remedy: 'Write it like `status=503,every=10,method=PUT`.',
  },
  'bad-glob': {
    cause: 'A glob in an option is not one that flagops supports.',
    remedy: 'Use `*`, `?`, `[a-z]` and `{a,b}`.',
  },
  'bad-limits': {
    cause: "Limits sent to the simulator's control port are not valid.",
    remedy: 'Use the names that the message lists.',
  },
  'bad-routes': {
    cause: "Routes sent to the simulator's control port are not valid.",
    remedy: 'Send `{"users": true}` or `{"users": false}`.',
  },
  'bad-seed': {
    cause: "The simulator's seed is not valid, and too large to report a line and column.",
    remedy: 'Fix it; split it to see line and column.',
  },
  'base-url': {
    cause: 'The base URL is not one that the token may be sent to.',
    remedy: 'Use an https URL without a path, and give a host of your own with `--base-url`.',
  },
  'branch-tip': {
    cause: 'GitHub did not say which commit is the newest one of the branch.',
    remedy: 'Grant the job `contents: read` and `github-token`, or run it again later.',
  },
  'cannot-listen': {
    cause: 'The simulator cannot listen on the port, usually because another program uses it.',
    remedy: 'Choose another port with `--port`; 0 takes a free one.',
  },
  'check-needs-batch': {
    cause: '`apply --check` can only check patches, and the plan uses PUTs.',
    remedy: 'Add `--batch`, or set `writes: batch`.',
  },
  'config-misnamed': {
    cause: 'A file is named almost like the configuration.',
    remedy: 'Rename it to `flagops.yaml`.',
  },
  'config-name-taken': {
    cause: 'HEAD has two configurations with the same `name` and a scope in common.',
    remedy: 'Change the `name` of one, or remove the scope from one.',
  },
  'config-not-found': {
    cause: 'The file given with `--config` does not exist.',
    remedy: 'Correct the path, or leave out `--config` to search upward.',
  },
  'config-outside': {
    cause: 'The configuration is a symbolic link that leaves the repository.',
    remedy: 'Copy the file into the repository.',
  },
  'config-unreadable': {
    cause: 'The configuration exists, but cannot be read.',
    remedy: 'Give the user who runs flagops the permission to read it.',
  },
  'connection-lost': { cause: 'The connection to the API ended before a response came.', remedy: AGAIN },
  'declaration-missing': {
    cause: 'A declaration is in HEAD but not on disk; flagops would remove its overrides.',
    remedy: 'Check out the whole tree, or delete the file with `git rm`.',
  },
  'commit-failed': {
    cause: 'Git cannot make the commit of `--commit`.',
    remedy: 'Set `user.name` and `user.email`, or see `git status`.',
  },
  'edit-ambiguous': {
    cause: 'Several files could hold the override, or it is declared twice.',
    remedy: 'Choose a file with `--file`, or keep one declaration.',
  },
  'edit-argument': {
    cause: 'An argument of `set` or `unset` is not valid.',
    remedy: 'See `flagops set --help`.',
  },
  'edit-expired': {
    cause: 'The override would have expired already.',
    remedy: 'Pass `--expires` with a later date.',
  },
  'edit-invalid': {
    cause: 'The edited file would not be valid, or LaunchDarkly contradicts it, so it was not written.',
    remedy: 'Correct the flag, the value or the context.',
  },
  'edit-not-declared': {
    cause: 'No file declares what should be removed.',
    remedy: 'See what is declared with `flagops list`.',
  },
  'edit-scope': {
    cause: 'There are several scopes, and none was selected.',
    remedy: 'Pass `--project` and `--environment`.',
  },
  'edit-shared': {
    cause: 'The file also declares for scopes that were not selected.',
    remedy: 'Select all of its environments, or split the file.',
  },
  'edit-uncommitted': {
    cause: 'With `--commit`, a file to edit has other uncommitted edits, or a merge is in progress.',
    remedy: 'Commit or undo them first.',
  },
  'edit-unwritable': {
    cause: 'A declaration cannot be written, or was changed at the same time.',
    remedy:
      'Make the file writable, replace links on the path with folders and files, or run the command again.',
  },
  'edit-refused': {
    cause: 'A declaration is written in a way that flagops cannot change without changing something else.',
    remedy: 'Edit the file by hand.',
  },
  'environment-missing': {
    cause: "LaunchDarkly's response about a flag lacks an environment.",
    remedy: 'Check what the token may see.',
  },
  'event-unreadable': {
    cause: "The Action cannot read the event's payload.",
    remedy: 'Check that `GITHUB_EVENT_PATH` points to the JSON that GitHub wrote.',
  },
  'file-too-large': { cause: "The simulator's seed has more than 4 MiB.", remedy: 'Write it as JSON.' },
  'filter-empty': {
    cause: 'An option that filters changes is empty.',
    remedy: 'Leave it out to select everything.',
  },
  'filter-unknown': {
    cause: 'An option that filters changes matches nothing that is known.',
    remedy: 'Check the spelling; the message has the nearest name.',
  },
  'git-failed': {
    cause: 'A git command that flagops needs ended with an error.',
    remedy: "Fix what git's own message says, and try the same with `git fetch` or `git status`.",
  },
  'git-missing': {
    cause: 'There is a repository, but git cannot be run.',
    remedy: 'Install git, and see what `git status` reports.',
  },
  'git-object-missing': {
    cause: 'The clone lacks an object that a commit refers to.',
    remedy: 'Run `git fsck`, or clone again.',
  },
  'git-program': {
    cause: "The repository's own configuration names a program that git would run.",
    remedy: 'Remove that setting, or set it with `git config --global`.',
  },
  'git-refused': {
    cause:
      'git refuses to read the repository, for example because another user owns it; or `core.worktree` names another folder.',
    remedy:
      'Add the folder to `safe.directory`, or see what `git status` reports; or remove `core.worktree`.',
  },
  'github-unreachable': {
    cause: "GitHub's API does not respond.",
    remedy: 'Run the job again later.',
  },
  'headers-too-large': {
    cause: "The API's response has more headers than LaunchDarkly sends.",
    remedy: BASE_URL,
  },
  'import-differs': {
    cause:
      'A plan would show a difference after the import, for example because LaunchDarkly changed in the meantime.',
    remedy: 'Run the import again, or narrow it with `--flag` and `--context`.',
  },
  'import-no-place': {
    cause: 'The configuration allows no file in which `import` could declare for a scope.',
    remedy: 'Add a folder to `declarations`, and to `files` of the scope.',
  },
  'import-shared-file': {
    cause: 'A file that `import --force` would replace declares for several scopes.',
    remedy: 'Split the file by environment, or import without `--force` into a new file.',
  },
  'import-split': {
    cause: '`--split flag` is combined with another `--split`.',
    remedy: 'Split by flag or by contexts.',
  },
  'import-unwritable': {
    cause: '`import` cannot write a file.',
    remedy: 'Make the folder writable; replace links with folders and files.',
  },
  'init-key': {
    cause: 'A key given to `init` is not one that LaunchDarkly could have.',
    remedy: 'Copy the key from LaunchDarkly.',
  },
  'init-unwritable': { cause: '`init` cannot write a file.', remedy: 'Make the folder writable.' },
  input: {
    cause: 'An input of the Action is not valid, or contradicts another one.',
    remedy: 'Correct the input that the message names; action.yml describes all of them.',
  },
  interrupted: {
    cause: 'The run was interrupted, for example with Ctrl-C.',
    remedy: 'Run again; what was already written is then up to date.',
  },
  'last-applied-missing': {
    cause: 'The last-applied ref points to a commit that this clone does not have.',
    remedy: 'Fetch the whole history.',
  },
  'last-applied-unfetched': {
    cause: 'The last-applied refs could not be fetched from the remote.',
    remedy: 'Check the remote and its credentials, or use the refs of this clone with `--local-refs`.',
  },
  'list-too-long': {
    cause: 'A list of the API does not end.',
    remedy: BASE_URL,
  },
  'malformed-answer': { cause: "The API's response is not JSON.", remedy: BASE_URL },
  'malformed-token': {
    cause: 'The access token is too short, or contains characters that no token has.',
    remedy: 'Copy the token again.',
  },
  'matrix-size': {
    cause: 'A matrix would have no job, or more than GitHub runs.',
    remedy: 'Declare a scope, use fewer shards, or use several configurations.',
  },
  'missing-permission': {
    cause: 'LaunchDarkly accepts the token, but its role does not allow this request.',
    remedy: 'Give it a role that may read flags, and `updateTargets` to apply.',
  },
  'newer-attempt': {
    cause:
      'With `--only drift`, an apply of a commit that is not in HEAD may still be writing, or ended while this one planned.',
    remedy: 'Check out the newest commit, or run again when that apply has ended.',
  },
  'no-checkout': {
    cause: 'The Action cannot find out which commit is checked out.',
    remedy: 'Use `actions/checkout`, on a runner with git.',
  },
  'no-declarations': {
    cause: 'No file matches the globs; all overrides would be removed.',
    remedy: 'Correct `declarations`, or pass `--allow-empty`.',
  },
  'no-folder': {
    cause: 'The current folder no longer exists.',
    remedy: 'Change to another folder.',
  },
  'no-github-token': {
    cause: 'The Action has no token to ask GitHub for the newest commit of the branch.',
    remedy: 'Leave `github-token` at its default, and grant the job `contents: read`.',
  },
  'no-runner': {
    cause: 'The Action was started outside of GitHub Actions.',
    remedy: 'Use the command line instead.',
  },
  'no-scope': {
    cause: 'Nothing is declared or configured, so `import` or `explain` does not know which scope to read.',
    remedy: 'Pass `--project` and `--environment` with their keys.',
  },
  'no-token': {
    cause: 'No access token for LaunchDarkly is given.',
    remedy: 'Set `LAUNCHDARKLY_ACCESS_TOKEN`, or the input `access-token` of the Action.',
  },
  'not-confirmed': {
    cause: '`apply` has no terminal to ask for confirmation.',
    remedy: 'Look at `flagops plan`, then pass `--yes`; with `CI` set, apply does not ask.',
  },
  'not-found': {
    cause: 'LaunchDarkly does not have what was asked for, or the token cannot see it.',
    remedy: 'Check the keys of the project and its environments, and what the token may see.',
  },
  'not-text': { cause: "The simulator's seed is not UTF-8 text.", remedy: 'Save it as UTF-8.' },
  'out-unwritable': {
    cause: 'The file given with `--out` cannot be written.',
    remedy: 'Create its folder, make it writable, or name another file; the result went to standard error.',
  },
  'plan-file': {
    cause: 'A plan file cannot be read or written, or is not a plan.',
    remedy: 'Create it with `flagops plan --format json --out FILE`.',
  },
  proxy: {
    cause: 'The proxy is not configured correctly, or refuses the connection.',
    remedy: 'Check `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.',
  },
  'rate-limited': {
    cause: 'LaunchDarkly keeps refusing requests because of its rate limits.',
    remedy: "Run again later; other clients use up the account's budget.",
  },
  'bad-certificate': {
    cause:
      'The certificate and key for the simulator are not PEM or do not belong together, or one is missing.',
    remedy: 'Name a certificate and its unencrypted key, or use `--tls` alone.',
  },
  'tls-unreadable': {
    cause: "The simulator's certificate or key cannot be read.",
    remedy: 'Name another file with `--tls-cert` or `--tls-key`.',
  },
  'tls-unwritable': {
    cause: "The simulator's certificate cannot be written.",
    remedy: 'Name another file with `--tls-save`.',
  },
  'record-unwritable': {
    cause: "The simulator's request log cannot be written.",
    remedy: 'Name another file with `--record`.',
  },
  redirect: {
    cause: 'The API redirects, and the token is never sent to another address.',
    remedy: 'Set the base URL to the address that answers.',
  },
  'ref-broken': {
    cause:
      'A last-applied ref or the ref of an attempt is damaged. Ignoring it would mean forgetting what is owned.',
    remedy: 'Delete the damaged file and run again; see docs/refs.md.',
  },
  'release-null': {
    cause: 'An override to release is declared as `null`.',
    remedy: 'Delete the declaration with `flagops unset`.',
  },
  'release-pruned': {
    cause: "The scope's `prune` removes overrides that are not declared, no matter who set them.",
    remedy: 'Keep the declaration with `manage: none`, or change `prune` to `owned`.',
  },
  'route-known-removed': {
    cause: 'The same as `route-removed`, for a write that was not sent.',
    remedy: 'Set `api: auto` or `api: contexts`.',
  },
  'route-removed': {
    cause: 'LaunchDarkly no longer serves the user endpoint, and the configuration says `api: users`.',
    remedy: 'Set `api: auto` or `api: contexts`.',
  },
  'run-timeout': {
    cause: 'The run took longer than `timeouts.run`.',
    remedy: 'Run again to continue, or raise `timeouts.run`.',
  },
  'runner-file': {
    cause: 'The Action cannot write its outputs or its summary.',
    remedy: "Check the runner's disk, and that its folders exist in the container.",
  },
  'seed-unreadable': {
    cause: "The simulator's seed cannot be read.",
    remedy: 'Name a YAML or JSON file with `--seed`.',
  },
  'shallow-clone': {
    cause: 'The clone is shallow, so its history does not show what was once declared.',
    remedy: 'Use `fetch-depth: 0` in `actions/checkout`, or `git fetch --unshallow`.',
  },
  'simulator-state': {
    cause: "The simulator's state file cannot be used.",
    remedy: 'Name another file with `--state`, or delete this one.',
  },
  timeout: {
    cause: 'The API does not respond in time.',
    remedy: 'Run again, or raise `timeouts.attempt`.',
  },
  tls: {
    cause: 'No secure connection can be made.',
    remedy: 'If a proxy with its own certificate is used, name its authority in `NODE_EXTRA_CA_CERTS`.',
  },
  'token-rejected': {
    cause: 'LaunchDarkly rejects the access token.',
    remedy: 'Use an API access token of this account and region that has not expired.',
  },
  'unexpected-answer': {
    cause: "The API's response is not what its documentation describes.",
    remedy: BASE_URL,
  },
  'unknown-environment': {
    cause: 'The project has no such environment.',
    remedy: "Check the environment's key.",
  },
  'unknown-host': {
    cause: "The API's host name cannot be resolved.",
    remedy: 'Check the base URL and the network.',
  },
  'unknown-project': {
    cause: 'There is no such project, or the token cannot see it.',
    remedy: "Check the project's key, and what the token may see.",
  },
  unreachable: {
    cause: 'The API cannot be reached.',
    remedy: 'Check the base URL, the network, and whether a proxy is needed.',
  },
};

/** A page with every code that flagops reports. */
export function diagnosticReference(): string {
  return [
    generated('docs/generate/diagnostics.ts'),
    '# Diagnostics\n\n',
    'Codes are stable: search for them, or match on them in the JSON output.\n\n',
    '## Errors in declarations and configuration\n\n',
    'Each is reported with its file, line and column. All errors are reported in one run, and nothing is written.\n\n',
    codeTable(ERRORS),
    '## Warnings\n\n',
    'Warnings never change the exit code.\n\n',
    codeTable(WARNINGS),
    '## Errors of a run\n\n',
    codeTable(OPERATOR_ERRORS),
    '## Guards\n\n',
    'A guard refuses a whole plan; `accept` in `flagops.yaml` lifts the same guards as `--force`. Limits and `protect` ',
    'count as they are in HEAD and as they were last applied.\n\n',
    table(
      ['Guard', 'Refuses a plan if', 'Lifted by'],
      Object.entries(GUARDS).map(([name, { refuses, remedy }]) => [code(name), refuses, remedy]),
    ),
  ].join('');
}

function codeTable(entries: Readonly<Record<string, Entry>>): string {
  return table(
    ['Code', 'Cause', 'Remedy'],
    Object.entries(entries)
      .toSorted(([a], [b]) => Number(a > b) - Number(a < b))
      .map(([name, { cause, remedy }]) => [code(name), cause, remedy]),
  );
}

import { expect, it } from 'vitest';
import { OperatorError } from '../../src/diagnostics/operator-error.js';
import { errorText } from '../../src/report/error-text.js';
import { findingsText } from '../../src/report/diagnostics.js';

const ERROR = new OperatorError('unreachable', 'cannot reach localhost:1 (ECONNREFUSED)', {
  hint: 'check the base URL, the network, and whether a proxy is needed',
});
const OPTIONS = { debug: false, color: false } as const;

it('an error is one line if the width is not known, and is wrapped between words on a terminal', () => {
  expect(errorText(ERROR, OPTIONS)).toBe(
    'error: cannot reach localhost:1 (ECONNREFUSED) (check the base URL, the network, and whether a proxy is needed)\n',
  );
  expect(errorText(ERROR, { ...OPTIONS, columns: 60 })).toBe(`\
error: cannot reach localhost:1 (ECONNREFUSED) (check the
  base URL, the network, and whether a proxy is needed)
`);
});

it('a finding is one line if the width is not known, and is wrapped between words on a terminal', () => {
  const findings = {
    files: 1,
    overrides: 1,
    diagnostics: [
      {
        code: 'flag-unknown' as const,
        severity: 'error' as const,
        message: 'the project storefront has no flag thme',
        hint: 'did you mean theme?',
        at: { file: 'overrides/a.yaml', line: 5, col: 7 },
      },
    ],
  };
  const message =
    'overrides/a.yaml:5:7 flag-unknown the project storefront has no flag thme (did you mean theme?)';
  expect(findingsText(findings, { color: false })).toBe(`${message}\ninvalid: 1 error in 1 file\n`);
  expect(findingsText(findings, { color: false, columns: 60 })).toBe(`\
overrides/a.yaml:5:7 flag-unknown the project storefront
  has no flag thme (did you mean theme?)
invalid: 1 error in 1 file
`);
});

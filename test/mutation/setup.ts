import * as fc from 'fast-check';

// The same cases in every run: a mutant must not be killed by luck. The first failure is enough, so nothing is shrunk.
// Fewer cases than the tests use: a mutant that only the hundredth case kills would soon survive.
fc.configureGlobal({ seed: 1, endOnFailure: true, numRuns: 40 });

import { SecretMask } from '../security/secret-mask.js';
import type { Io } from './io.js';

/** Returns an `Io` that masks secrets in all output. */
function maskedIo(io: Io, mask: SecretMask): Io {
  const stdout = mask.inPieces();
  const stderr = mask.inPieces();
  return {
    ...io,
    stdout: (text, options) => io.stdout(stdout(text), options),
    stderr: (text) => io.stderr(stderr(text)),
  };
}

/** Returns an `Io` that masks the token in all output. Each command does this itself, so that no caller can forget it. */
export function withoutToken(io: Io, token: string | undefined): Io {
  return maskedIo(io, new SecretMask(token));
}

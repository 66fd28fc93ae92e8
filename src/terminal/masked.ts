import { SecretMask } from '../security/secret-mask.js';
import type { Io } from './io.js';

/** The same surroundings, with secrets masked in all text that is shown. */
function maskedIo(io: Io, mask: SecretMask): Io {
  const stdout = mask.inPieces();
  const stderr = mask.inPieces();
  return {
    ...io,
    stdout: (text, options) => io.stdout(stdout(text), options),
    stderr: (text) => io.stderr(stderr(text)),
  };
}

/** The same surroundings with the token masked. Commands apply it themselves, so that no caller can forget it. */
export function withoutToken(io: Io, token: string | undefined): Io {
  return maskedIo(io, new SecretMask(token));
}

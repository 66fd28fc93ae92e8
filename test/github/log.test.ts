import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openLog } from '../../src/github/log.js';
import { printable } from '../../src/report/escape.js';

/** A workflow command as the runner parses it; .NET ends a line at CR, LF or both. */
interface Command {
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

/** The commands in a log that the runner would run, including those of the older form (`##[name]`). */
function commandsIn(log: string): Command[] {
  const commands: Command[] = [];
  let stopped: string | undefined;
  for (const line of log.split(/\r\n|\r|\n/).map((text) => text.trimStart())) {
    const [, name = '', properties = '', message = ''] =
      /^::([^\s:]+)(?: ([^:]*(?::(?!:)[^:]*)*))?::(.*)$/s.exec(line) ?? [];
    if (stopped !== undefined) {
      if (name === stopped) stopped = undefined;
    } else if (name === 'stop-commands') stopped = message;
    else if (name !== '')
      commands.push({ name, properties: parseProperties(properties), message: decode(message) });
    else if (line.startsWith('##[')) commands.push({ name: line, properties: {}, message: '' });
  }
  return commands;
}

function parseProperties(text: string): Record<string, string> {
  const pairs = text
    .split(',')
    .map((pair) => [pair.slice(0, pair.indexOf('=')), decode(pair.slice(pair.indexOf('=') + 1))]);
  return Object.fromEntries(text === '' ? [] : (pairs as [string, string][]));
}

const decode = (text: string): string =>
  text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');

/** Any text, often with parts of commands. */
const hostile = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '::',
        '\n',
        '\r',
        '::error::x',
        '\r::add-mask::a',
        '##[error]',
        '%0A',
        ',file=',
        'stop-commands',
      ),
    ),
  )
  .map((parts) => parts.join(''));

function logged(
  write: (log: ReturnType<typeof openLog>) => void,
  clean = (text: string): string => text,
): string {
  let log = '';
  write(openLog((text) => (log += text), clean));
  return log;
}

describe('the log of a step', () => {
  it('text in the log never runs a command', () => {
    fc.assert(
      fc.property(fc.array(hostile), (texts) => {
        expect(commandsIn(logged((log) => texts.forEach(log.plain)))).toEqual([]);
      }),
    );
  });

  it('control and invisible characters are escaped in the log', () => {
    const text = 'a\u001b[31mb\u202ec\u200bd\re\u{e0041}';
    const log = logged(({ plain, annotate }) => {
      plain(`first ${text}\nsecond\n`);
      annotate('notice', text, { title: text, place: { file: text, line: 1, col: 1 } });
    });
    const shown = String.raw`a\u001b[31mb\u202ec\u200bd\u000de\U000e0041`;
    expect(log).toContain(`\nfirst ${shown}\nsecond\n::`);
    expect(log).toContain(`::notice file=${shown},line=1,col=1,title=${shown}::${shown}\n`);
  });

  it('every annotation is one complete command of visible characters', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('error', 'warning', 'notice'),
        hostile,
        hostile,
        hostile,
        (level, message, title, file) => {
          const place = { file, line: 3, col: 5 };
          const log = logged(({ annotate }) => annotate(level, message, { title, place }));
          expect(commandsIn(log)).toEqual([
            {
              name: level,
              properties: { file: printable(file), line: '3', col: '5', title: printable(title) },
              message: printable(message),
            },
          ]);
        },
      ),
    );
  });

  it('everything in the log is cleaned', () => {
    const clean = (text: string): string => text.replaceAll('alice', 'hmac');
    const log = logged(({ plain, annotate }) => {
      plain('for alice');
      annotate('error', 'alice', { title: 'alice', place: { file: 'alice.yaml', line: 1, col: 1 } });
    }, clean);
    expect(log).not.toContain('alice');
    expect(log.match(/hmac/g)).toHaveLength(4);
  });

  it('every line of a secret is masked', () => {
    const log = logged(({ mask }) => mask('one%\r\ntwo\n\n'));
    expect(commandsIn(log)).toEqual([
      { name: 'add-mask', properties: {}, message: 'one%' },
      { name: 'add-mask', properties: {}, message: 'two' },
    ]);
  });
});

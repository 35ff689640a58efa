// Text from the command line or the environment -> typed option values. Pure. Errors name the option as the
// user wrote it and say what is allowed.
import { FerrowError } from '../errors/ferrow-error.ts';
import { didYouMean } from './nearest.ts';
import type { OptionSpec, OptionValue } from './option-spec.ts';

/**
 * Reads the texts given for one option; of several texts for a single value, the last counts.
 * @param origin `--batch-size` or `FERROW_BATCH_SIZE`, for errors
 * @throws FerrowError E_USAGE
 */
export function parseOptionValue(spec: OptionSpec, origin: string, texts: readonly string[]): OptionValue {
  const last = texts[texts.length - 1];
  switch (spec.kind) {
    case 'flag': {
      const on = parseFlag(origin, last);
      return spec.negated ? !on : on;
    }
    case 'text':
      if (last.trim() === '') throw wrong(origin, 'needs a value');
      return last;
    case 'choice':
      if (spec.choices.includes(last)) return last;
      throw wrong(
        origin,
        `can not be "${last}": ${spec.choices.join(', ')} are allowed`,
        didYouMean(last, spec.choices, `use one of ${spec.choices.join(', ')}`),
      );
    case 'integer': {
      const number = /^[0-9]{1,15}$/.test(last.trim()) ? Number(last) : Number.NaN;
      if (number >= spec.min && number <= spec.max) return number;
      const allowed = `a whole number from ${spec.min} to ${spec.max}`;
      throw wrong(origin, `can not be "${last}": ${allowed} is allowed`, `give ${allowed}`);
    }
    case 'list':
      return texts.flatMap((text) => parseList(origin, text));
    case 'pairs':
      return parsePairs(origin, texts);
  }
}

const ON = ['1', 'true', 'yes', 'on'];
const OFF = ['0', 'false', 'no', 'off'];

function parseFlag(origin: string, text: string): boolean {
  const word = text.trim().toLowerCase();
  if (ON.includes(word)) return true;
  if (OFF.includes(word)) return false;
  throw wrong(origin, `can not be "${text}": 1 or 0, true or false are allowed`, 'use 1 or 0');
}

/** Comma-separated; `\,` is a comma within a name. */
function parseList(origin: string, text: string): string[] {
  const items = text
    .split(/(?<!\\),/)
    .map((item) => item.trim().replaceAll('\\,', ','))
    .filter((item) => item !== '');
  if (items.length === 0) throw wrong(origin, 'names nothing', 'give one or more names, as in a,b');
  return items;
}

/** `old=new`; `\=` is an equals sign within a name. */
function parsePairs(origin: string, texts: readonly string[]): Record<string, string> {
  const pairs = new Map<string, string>();
  for (const item of texts.flatMap((text) => parseList(origin, text))) {
    const [from, to, ...more] = item.split(/(?<!\\)=/).map((part) => part.trim().replaceAll('\\=', '='));
    if (!from || !to || more.length > 0) {
      throw wrong(
        origin,
        `can not be "${item}": old=new is allowed`,
        'write \\= and \\, for = and , in a name',
      );
    }
    if (pairs.has(from)) throw wrong(origin, `renames "${from}" twice`, 'give each table one new name');
    pairs.set(from, to);
  }
  return Object.fromEntries(pairs);
}

function wrong(origin: string, what: string, hint?: string): FerrowError {
  return new FerrowError('E_USAGE', `${origin} ${what}`, hint === undefined ? {} : { hint });
}

// The known name that a wrong one was most likely meant to be. Pure.
import { distance } from 'fastest-levenshtein';

/** The nearest of `known`, or null where none is near enough to be worth saying. Case, `-` and `_` don't count. */
export function nearest(wrong: string, known: readonly string[]): string | null {
  const target = plain(wrong);
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(target.length / 2.5)) + 1;
  for (const name of known) {
    const away = plain(name).startsWith(target) && target.length >= 3 ? 1 : distance(target, plain(name));
    if (away < bestDistance) {
      best = name;
      bestDistance = away;
    }
  }
  return best;
}

/** `did you mean --tables?`, or what `otherwise` says. */
export function didYouMean(wrong: string, known: readonly string[], otherwise: string): string {
  const name = nearest(wrong, known);
  return name === null ? otherwise : `did you mean ${name}?`;
}

const plain = (name: string): string => name.toLowerCase().replace(/[-_\s]/g, '');

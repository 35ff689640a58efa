// How understanding and printing give up: with the first thing that is not known to mean the same. Inside src/sql only;
// what comes out of it is a reason in words, never an exception.

export class NotKnown extends Error {}

/** `reason` reads on from "not carried: ": `the function soundex`. */
export function notKnown(reason: string): never {
  throw new NotKnown(reason);
}

/** What `work` gives, or the reason why it can't. Anything but NotKnown is a fault and passes through. */
export function reasonOr<Result>(work: () => Result): Result | { readonly unknown: string } {
  try {
    return work();
  } catch (error) {
    if (error instanceof NotKnown) return { unknown: error.message };
    throw error;
  }
}

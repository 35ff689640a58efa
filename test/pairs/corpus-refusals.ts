// Which edge values a pair of engines refuses, as `CODE value`, by column of the corpus. Everything else must
// arrive. A change here is a change of what Ferrow promises.

export const REFUSED: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {};

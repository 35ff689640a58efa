// What the silence of a connection means: of what a second connection learnt of the server's side, whether to wait on. Pure.

/** What one look at a silent connection's other end showed. */
export type Look =
  /** No connection can be made any more. */
  | { readonly sees: 'nobody' }
  /** Somebody answers, but can't tell: the role may not connect again, a pooler, another server. */
  | { readonly sees: 'nothing' }
  /** The server has no such process any more. */
  | { readonly sees: 'no process' }
  /** It computes, or waits for a lock, a disk, another process. */
  | { readonly sees: 'work' }
  /** It waits for us. Of a COPY it says how many bytes it has done. */
  | { readonly sees: 'waiting'; readonly event: string; readonly copiedBytes: string | null };

/** doubtful: one more look shortly. */
export type Verdict = 'alive' | 'doubtful' | 'lost';

/**
 * `before`: the look before this one, if that was doubtful; nothing has moved here since then, while an answer was
 * waited for. One look alone may meet the moment in which an answer is on its way.
 */
export function judgeSilence(before: Look | null, look: Look): Verdict {
  if (look.sees === 'work' || look.sees === 'nothing') return 'alive';
  return before !== null && isSame(before, look) ? 'lost' : 'doubtful';
}

/** A server that has gone on with its COPY meanwhile is fed by a thin line. */
function isSame(before: Look, look: Look): boolean {
  if (before.sees !== 'waiting' || look.sees !== 'waiting') return before.sees === look.sees;
  return before.event === look.event && before.copiedBytes === look.copiedBytes;
}

export function lookInWords(look: Look): string {
  switch (look.sees) {
    case 'nobody':
      return 'no other connection can be made';
    case 'no process':
      return 'the server has no process for it any more';
    case 'waiting':
      return `the server waits for an answer itself (${look.event})`;
    default:
      return 'the server is at work';
  }
}

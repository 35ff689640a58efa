// Takes passwords out of text. Pure, any thread. Used when a URL is shown and once more at the outermost
// boundary, for text that drivers and parsers made. Leans towards hiding too much, never too little.

const HIDDEN = '***';

/** Schemes whose rest is a path: an `@` in it is no sign of a password. */
const FILE_SCHEME = /^(?:sqlite|duckdb|file):/i;

/** `password=…` in a query string or a libpq connection string. */
const PASSWORD_FIELD = /\b(password|passwd|pwd|passphrase)(\s*=\s*)('(?:[^'\\]|\\.)*'|[^\s&;'",]+)/gi;

/** `scheme:…user:secret@`, also with slashes missing or too many. The secret runs to the word's last `@`. */
const USER_INFO =
  /(?<![a-z0-9+.:-])(?!(?:sqlite|duckdb|file):)([a-z][a-z0-9+.-]*:?\/+[^\s:@/]*|[a-z][a-z0-9+.-]*:[^\s:@/]+|[^\s:@/"'`(]+(?!:\/{1,2}[^\s:@]*@)):(\S*)@/gi;

/**
 * Replaces what stands between `user:` and the last `@` of each word that looks like a URL, and every
 * `password=` field, by `***`. Malformed URLs included.
 */
export function redactUrls(text: string): string {
  return text.replace(USER_INFO, `$1:${HIDDEN}@`).replace(PASSWORD_FIELD, `$1$2${HIDDEN}`);
}

/**
 * The same for text that is one URL as the user gave it, which may hold blanks in its password.
 * A file's URL or path comes back as it is.
 */
export function redactUrl(url: string): string {
  if (FILE_SCHEME.test(url)) return url;
  const span = secretSpan(url);
  const shown = span === null ? url : `${url.slice(0, span.from)}${HIDDEN}${url.slice(span.to)}`;
  return shown.replace(PASSWORD_FIELD, `$1$2${HIDDEN}`);
}

/** Where the password of a URL stands: after the first `:` of the user part, up to the last `@`. */
function secretSpan(url: string): { from: number; to: number } | null {
  const to = url.lastIndexOf('@');
  if (to < 0) return null;
  const scheme = /^[a-z][a-z0-9+.-]*:?\/+/i.exec(url) ?? /^(?:postgres|postgresql):/i.exec(url);
  const colon = url.indexOf(':', scheme === null ? 0 : scheme[0].length);
  return colon < 0 || colon >= to ? null : { from: colon + 1, to };
}

/** Hides what it has been told about, and whatever looks like a password in a URL. */
export interface Redactor {
  /** Learns the secrets of a URL (or any argument that may be one). */
  learnUrl(url: string | undefined): void;
  /** Learns a password itself. */
  learnSecret(secret: string | undefined): void;
  text(text: string): string;
}

/** Shorter secrets are only hidden where they stand in a URL: else half of all words would go. */
const SECRET_CHARS_MIN = 4;

export function makeRedactor(): Redactor {
  const replacements = new Map<string, string>();
  // What stands in plain sight in a URL (user, host, database) can't be told from a password of that name.
  let shown = '';
  const learnSecret = (secret: string | undefined): void => {
    if (secret !== undefined && secret.length >= SECRET_CHARS_MIN) replacements.set(secret, HIDDEN);
  };
  return {
    learnSecret,
    learnUrl(url) {
      if (url === undefined || FILE_SCHEME.test(url)) return;
      const display = redactUrl(url);
      if (display === url) return;
      shown += ` ${display.toLowerCase()}`;
      const span = secretSpan(url);
      if (span !== null) {
        const secret = url.slice(span.from, span.to);
        replacements.set(url, display);
        learnSecret(secret);
        learnSecret(decoded(secret));
      }
      for (const field of url.matchAll(PASSWORD_FIELD)) {
        learnSecret(field[3].replace(/^'|'$/g, ''));
        learnSecret(decoded(field[3]));
      }
    },
    text(text) {
      let result = text;
      // Longest first, so that a secret within another leaves no remainder.
      for (const [secret, display] of [...replacements].sort((a, b) => b[0].length - a[0].length)) {
        if (display === HIDDEN && shown.includes(secret.toLowerCase())) continue;
        result = result.replaceAll(secret, display);
      }
      return redactUrls(result);
    },
  };
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

// `${VAR}` in database URLs. Pure.
import { FerrowError } from '../errors/ferrow-error.ts';

/**
 * Puts environment variables into a URL. Between `://` and the `@` that follows (user and password) characters
 * with a meaning in URLs are percent-encoded, so that a password may hold any; `%41` and the like stay.
 * @param place what the URL is, for errors: `source`, `target`
 * @throws FerrowError E_URL that names a variable that isn't set
 */
export function expandVariables(
  url: string,
  env: Readonly<Record<string, string | undefined>>,
  place: string,
): string {
  return url.replace(/\$\{([^}]*)\}/g, (_whole, name: string, at: number) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      throw new FerrowError('E_URL', `the ${place} holds \${…} without the name of a variable`, {
        hint: `write \${NAME}; quote it so that the shell leaves it alone`,
      });
    }
    const value = env[name];
    if (value === undefined) {
      throw new FerrowError(
        'E_URL',
        `the ${place} names the environment variable ${name}, which is not set`,
        {
          hint: `set ${name}, or write the value itself`,
        },
      );
    }
    return isUserInfo(url, at) ? encodeUserInfo(value) : value;
  });
}

function isUserInfo(url: string, at: number): boolean {
  const start = url.indexOf('://');
  if (start < 0 || at < start + 3) return false;
  const before = url.slice(start + 3, at).replace(/\$\{[^}]*\}/g, '');
  return !before.includes('/') && !before.includes('@') && /^\$\{[^}]*\}[^/]*@/.test(url.slice(at));
}

function encodeUserInfo(value: string): string {
  return value.replace(/%(?![0-9a-fA-F]{2})|[^A-Za-z0-9._~!$&'()*+,;=%-]/gu, (character) =>
    character === '%' ? '%25' : encodeURIComponent(character),
  );
}

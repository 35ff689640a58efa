// What every printer does: writes its page, or with --check says whether the page is as it would be written.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** @param name file under docs/ */
export function printPage(name: string, text: string): void {
  const path = fileURLToPath(new URL(`../${name}`, import.meta.url));
  if (!process.argv.includes('--check')) {
    writeFileSync(path, text);
    return;
  }
  let standing = '';
  try {
    standing = readFileSync(path, 'utf8');
  } catch {
    // A page that is not there is not as it would be written.
  }
  if (standing !== text) {
    process.stderr.write(`docs/${name} is out of date\n`);
    process.exitCode = 1;
  }
}

/** Text within a cell of a Markdown table. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

// What happened -> the exit status of the process. Pure.
import { codeFacts, type ErrorCode, type ErrorKind } from '../errors/codes.ts';
import type { WireError } from '../errors/ferrow-error.ts';
import type { Report } from '../transfer/report.ts';

export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  different: 3,
  rejected: 4,
  interrupted: 130,
} as const;

export function statusOfKind(kind: ErrorKind): number {
  switch (kind) {
    case 'usage':
      return EXIT.usage;
    case 'verify':
      return EXIT.different;
    case 'cancelled':
      return EXIT.interrupted;
    default:
      return EXIT.failed;
  }
}

export function statusOfCode(code: ErrorCode): number {
  return statusOfKind(codeFacts(code).kind);
}

/**
 * Of several failures the gravest decides: interrupted, then failed, then wrong usage, then differences.
 * A run that did everything but rejected rows is `rejected`.
 */
export function statusOfReport(report: Report): number {
  if (report.success) {
    return report.tableResults.some((table) => table.rejectedRows > 0) ? EXIT.rejected : EXIT.done;
  }
  const errors: WireError[] = [
    ...report.refusals,
    ...report.tableResults.flatMap((table) => (table.error === null ? [] : [table.error])),
  ];
  if (report.error !== null) errors.push(report.error);
  const statuses = errors.map((error) => statusOfCode(error.code));
  const gravest = [EXIT.interrupted, EXIT.failed, EXIT.usage, EXIT.different].find((status) =>
    statuses.includes(status),
  );
  return gravest ?? EXIT.failed;
}

// The one error class of the house: code, place, hint, cause. Passwords never enter it.
import { codeFacts, type ErrorCode, type ErrorKind } from './codes.ts';

/** Where it happened, as far as known. `row` holds the key columns of the row as text. */
export interface ErrorPlace {
  readonly dialect?: string;
  readonly table?: string;
  readonly column?: string;
  readonly row?: Readonly<Record<string, string>>;
  /** Number of the chunk within its partition. */
  readonly seq?: number;
}

export interface ErrorDetails extends ErrorPlace {
  /** The offending value, as text, cut to a sane length. */
  readonly value?: string;
  /** What to do next, better than the code's own hint. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** The form in which an error crosses threads and enters the JSON report. */
export interface WireError extends ErrorPlace {
  readonly code: ErrorCode;
  readonly message: string;
  readonly value?: string;
  readonly hint: string;
  readonly causeMessage?: string;
}

/** The longest value quoted in an error, in characters. */
export const VALUE_CHARS_MAX = 120;

/** Any failure of Ferrow. `message` is one plain sentence; `hint` says what to do next. */
export class FerrowError extends Error {
  readonly code: ErrorCode;
  readonly place: ErrorPlace;
  readonly value: string | undefined;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'FerrowError';
    const { value, hint, cause: _cause, ...place } = details;
    this.code = code;
    this.place = place;
    this.value = value === undefined ? undefined : cutValue(value);
    this.hint = hint ?? codeFacts(code).hint;
  }

  get kind(): ErrorKind {
    return codeFacts(this.code).kind;
  }

  get retryable(): boolean {
    return codeFacts(this.code).retryable === true;
  }

  /** The same error with more of its place filled in; what is already known stays. */
  at(place: ErrorPlace): FerrowError {
    const error = new FerrowError(this.code, this.message, {
      ...place,
      ...this.place,
      value: this.value,
      hint: this.hint,
      cause: this.cause,
    });
    error.stack = this.stack;
    return error;
  }

  toWire(): WireError {
    const cause = this.cause;
    return {
      ...this.place,
      code: this.code,
      message: this.message,
      ...(this.value === undefined ? {} : { value: this.value }),
      hint: this.hint,
      ...(cause instanceof Error ? { causeMessage: cause.message } : {}),
    };
  }

  static fromWire(wire: WireError): FerrowError {
    const { code, message, causeMessage, ...details } = wire;
    return new FerrowError(code, message, {
      ...details,
      ...(causeMessage === undefined ? {} : { cause: new Error(causeMessage) }),
    });
  }

  /** Makes any thrown thing a FerrowError; what already is one passes through. */
  static from(error: unknown, code: ErrorCode = 'E_INTERNAL', place: ErrorPlace = {}): FerrowError {
    if (error instanceof FerrowError) return error.at(place);
    const message = error instanceof Error ? error.message : String(error);
    return new FerrowError(code, message, { ...place, cause: error });
  }
}

/** Cuts a value to VALUE_CHARS_MAX characters and says how much was left out. */
export function cutValue(value: string): string {
  // An error that is copied or crosses a thread holds a value that was cut before.
  if (value.length <= VALUE_CHARS_MAX || value.startsWith('… (', VALUE_CHARS_MAX)) return value;
  return `${value.slice(0, VALUE_CHARS_MAX)}… (${value.length} characters)`;
}

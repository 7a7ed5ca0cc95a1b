// An error as the service words it.
export class ServiceError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
    readonly details: unknown = undefined,
  ) {
    super(message);
    this.name = code;
  }
}

export function describeError(error: unknown): { code: string; message: string } {
  if (error instanceof ServiceError) return { code: error.code, message: error.message || `HTTP status ${error.status}` };
  if (error instanceof TypeError) return { code: 'No answer', message: `The server could not be reached (${error.message}).` };
  if (error instanceof Error) return { code: 'Error', message: error.message };
  return { code: 'Error', message: String(error) };
}

/**
 * A signal that aborts after so many milliseconds. Its reason is meant for an administrator, which
 * that of AbortSignal.timeout is not. It does not keep the process running.
 * @param who has to answer until then, as messages name it
 */
export function deadline(ms: number, who: string): AbortSignal {
  const controller = new AbortController();
  const reason = new Error(`${who} has not answered within ${ms / 1000} s`);
  setTimeout(() => controller.abort(reason), ms).unref();
  return controller.signal;
}

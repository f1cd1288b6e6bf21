/**
 * Wait for a promise, but only so long.
 *
 * @param promise - what to wait for; it goes on by itself when time is up.
 * @param milliseconds - how long to wait.
 * @param late - makes the error to reject with when time is up.
 */
export async function within<T>(
  promise: Promise<T>,
  milliseconds: number,
  late: () => Error
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), milliseconds);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

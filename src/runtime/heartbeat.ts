/**
 * How often work that only waits gives a sign of life, in milliseconds: far
 * more often than a page takes it for dead.
 */
const HEARTBEAT_MS = 1000;

/** Gives signs of life for as long as something is waited for which ends by itself. */
export async function withHeartbeat<Done>(onHeartbeat: () => void, work: () => Promise<Done>): Promise<Done> {
  const timer = setInterval(onHeartbeat, HEARTBEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

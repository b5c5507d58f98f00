/** The page's own, whatever clock a test has put in its place since. */
const { setTimeout: later } = globalThis;

/** How many turns of the event loop everything that is under way has, and how far they are apart in milliseconds. */
const TURNS = 200;
const APART_MS = 25;

/**
 * What nothing but the code under test leads to, or an error with these words if it does not come: a test that would
 * wait for ever fails in seconds. Turns are counted, not seconds alone, so that a busy machine has more time.
 */
export function orSay<Value>(wanted: Promise<Value>, words: () => string): Promise<Value> {
  const outcome = new Promise<Value>((resolve, reject) => {
    let isOver = false;
    wanted.then(resolve, reject).finally(() => (isOver = true));
    const turn = (left: number): void => {
      if (left === 0) reject(new Error(words()));
      else if (!isOver) later(turn, APART_MS, left - 1).unref();
    };
    turn(TURNS);
  });
  // Nobody need be interested any more by then.
  outcome.catch(() => {});
  return outcome;
}

/**
 * An app's function that is told how something goes. What it throws is the app's own mistake: shown as such,
 * as what an event listener throws, and no matter of what it is told of.
 */
export function harmless<Told>(listener: (told: Told) => void): (told: Told) => void {
  return (told) => {
    try {
      listener(told);
    } catch (error) {
      reportError(error);
    }
  };
}

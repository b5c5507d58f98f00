import { Analyser } from './analyser.ts';
import { Session } from './keeping/session.ts';
import { isAddressed, readAddress } from './page-address.ts';
import { Store } from './state.ts';

const store = new Store();
const analyser = new Analyser(store);
const session = new Session(store);
const { search } = location;
store.update(readAddress(isAddressed(search) ? search : session.search));
analyser.connect();
// What analyses takes longest to start, and so does before what shows it is loaded. Who comes back has answers already.
if (session.isNew) void analyser.start();
const { openPage } = await import('./page.ts');
await isRead();
await openPage(store, analyser, session);
// After the first answer, as what follows.
void session.keep();

// After the first answer, so that keeping files does not take the line from loading the models.
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  try {
    await navigator.serviceWorker.register('service-worker.js');
  } catch {
    // A browser that keeps nothing (a private window) only needs the network next time.
  }
}

/** Resolves when the page's HTML is read: this script is not held up by that, nor by style sheets. */
async function isRead(): Promise<void> {
  while (document.readyState === 'loading') {
    await new Promise((resolve) => {
      document.addEventListener('readystatechange', resolve, { once: true });
    });
  }
}

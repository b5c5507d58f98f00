/**
 * The tab that this page is in. Pages of one tab share what one of them keeps for another, and whoever finds
 * that nobody holds a tab any more clears it away.
 */
const KEY = 'body21-tab';

/** Names the locks of tabs. */
const LOCK = 'body21-tab-';

/**
 * The tab's own name: the same on every page of it, and gone with it.
 * @returns `undefined` where the browser keeps nothing for a tab
 */
export function tabName(): string | undefined {
  try {
    const known = sessionStorage.getItem(KEY);
    if (known !== null) return known;
    const name = crypto.randomUUID();
    sessionStorage.setItem(KEY, name);
    return name;
  } catch {
    return undefined;
  }
}

/** Shows other tabs that this one is open, for as long as the page is. */
export function holdTab(): void {
  const name = tabName();
  if (name === undefined || !('locks' in navigator)) return;
  // Shared, since a tab that was duplicated has the same name.
  void navigator.locks.request(`${LOCK}${name}`, { mode: 'shared' }, () => new Promise(() => undefined));
}

/** The names of the tabs that are open. */
export async function openTabs(): Promise<Set<string>> {
  const { held = [] } = await navigator.locks.query();
  return new Set(held.flatMap(({ name }) => (name?.startsWith(LOCK) ? [name.slice(LOCK.length)] : [])));
}

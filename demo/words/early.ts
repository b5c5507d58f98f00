/**
 * Chooses the page's language, and puts it into the page: the address' (`?lang=zh`), else the one chosen
 * before, else the browser's, else English, which stands in the page already.
 *
 * Its text is put at the beginning of every page's head, and has words changed as their elements are read, so
 * before anything is painted. At the end it would have to wait for the style sheets, and all scripts with it.
 * It may use nothing from outside of it.
 */
export function speak(): void {
  const KEY = 'body21-language';
  const asked = new URLSearchParams(location.search).get('lang');
  let kept: string | null = null;
  try {
    if (asked === 'en' || asked === 'zh') localStorage.setItem(KEY, asked);
    kept = localStorage.getItem(KEY);
  } catch {
    // A browser that keeps nothing has its own language.
  }
  const [language] = [asked, kept, ...navigator.languages].flatMap(
    (name) => /^(?:en|zh)\b/i.exec(name ?? '') ?? [],
  );
  // Whatever else is in the address by the time of the click stays there.
  document.addEventListener('click', ({ target }) => {
    const link = target instanceof Element ? target.closest('#language') : null;
    if (!(link instanceof HTMLAnchorElement)) return;
    const address = new URL(location.href);
    address.searchParams.set('lang', new URL(link.href).searchParams.get('lang') ?? '');
    link.href = address.href;
  });
  if (language?.toLowerCase() !== 'zh') return;
  document.documentElement.lang = 'zh-CN';
  // oxlint-disable-next-line unicorn/consistent-function-scoping -- the text of the function stands alone
  const translate = (element: Element) => {
    for (const { name, value } of element.attributes) {
      if (name.startsWith('data-zh-')) element.setAttribute(name.slice('data-zh-'.length), value);
      else if (name === 'data-zh' && element.textContent !== value) element.textContent = value;
    }
  };
  const take = (records: readonly MutationRecord[]) => {
    for (const { target, addedNodes } of records) {
      // An element may be there before its text, or a part of that.
      const element = target instanceof Element ? target : target.parentElement;
      if (element) translate(element);
      for (const node of addedNodes) {
        if (node instanceof Element)
          for (const each of [node, ...node.querySelectorAll('*')]) translate(each);
      }
    }
  };
  const observer = new MutationObserver(take);
  observer.observe(document, { childList: true, characterData: true, subtree: true });
  // Before the page's own scripts, which run once it is read.
  document.addEventListener('readystatechange', () => {
    take(observer.takeRecords());
    observer.disconnect();
  });
}

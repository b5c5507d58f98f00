/**
 * Chooses the page's language, and puts it into the page: the address' (`?lang=zh`), else the one chosen
 * before, else the browser's, else English, which stands in the page already.
 *
 * Its text is put at the end of every page's body, so that it has run before anything is painted. So it may
 * use nothing from outside of it.
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
  document.querySelector('#language')?.addEventListener('click', ({ currentTarget }) => {
    if (!(currentTarget instanceof HTMLAnchorElement)) return;
    const address = new URL(location.href);
    address.searchParams.set('lang', new URL(currentTarget.href).searchParams.get('lang') ?? '');
    currentTarget.href = address.href;
  });
  if (language?.toLowerCase() !== 'zh') return;
  document.documentElement.lang = 'zh-CN';
  for (const element of document.querySelectorAll('*')) {
    for (const { name, value } of element.attributes) {
      if (name === 'data-zh') element.textContent = value;
      else if (name.startsWith('data-zh-')) element.setAttribute(name.slice('data-zh-'.length), value);
    }
  }
}

/**
 * Hands a file from one page to the next. It lies in the browser's cache meanwhile, since that is the one
 * store that takes a file of any size as it is, keeps it over a page's end, and is there wherever the pages
 * work offline; the next page takes it out at once.
 */
const CACHE = 'body21-handover';
const ADDRESS = './handed-over';
const NAME = 'X-File-Name';

/** What {@link takeFile} is to be asked for, in the next page's address. */
export const HANDED_OVER = 'file';

/**
 * Puts a file down for the page that is opened next.
 * @throws DOMException or TypeError where the browser keeps nothing, or has no room for it
 */
export async function handFile(file: File): Promise<void> {
  const cache = await caches.open(CACHE);
  const headers = { 'Content-Type': file.type, [NAME]: encodeURIComponent(file.name) };
  await cache.put(ADDRESS, new Response(file, { headers }));
}

/** The file that the page before has put down; `undefined` where there is none, or no more. */
export async function takeFile(): Promise<File | undefined> {
  const cache = await caches.open(CACHE);
  const response = await cache.match(ADDRESS);
  if (!response) return undefined;
  const [blob, name] = [await response.blob(), response.headers.get(NAME) ?? ''];
  await caches.delete(CACHE);
  return new File([blob], decodeURIComponent(name), { type: response.headers.get('Content-Type') ?? '' });
}

/** Whether a file is a video, by its type or, where the system knows none, by its name. */
export function isVideo({ type, name }: Pick<File, 'type' | 'name'>): boolean {
  return (
    type.startsWith('video/') || (type === '' && /\.(?:mp4|m4v|mov|webm|mkv|avi|3gp|ts|mts)$/i.test(name))
  );
}

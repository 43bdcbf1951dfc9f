// Elements of XML as the SDK's parser gives them: attributes and children alike, several of one name as a list.

export type Element = Readonly<Record<string, unknown>>;

/** The children of a name; one without attributes is its text. */
export function children(element: Element, name: string): Element[] {
  const found = element[name];
  if (found === undefined) return [];
  return (Array.isArray(found) ? (found as unknown[]) : [found]).map((child) =>
    typeof child === 'object' && child !== null ? (child as Element) : { '#text': child },
  );
}

/** Elements of a name at any depth. */
export function descendants(element: Element, name: string): Element[] {
  return Object.entries(element).flatMap(([key, value]) => {
    const found = children(element, key);
    // Texts have no children.
    const within = typeof value === 'object' ? found.flatMap((each) => descendants(each, name)) : [];
    return [...(key === name ? found : []), ...within];
  });
}

export const text = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : '';

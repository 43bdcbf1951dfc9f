// Takes from what is logged whatever tells who is calling.

const REPLACEMENT = '[redacted]';

/** Shorter than this, an id is part of any text: then the whole text goes. */
const SHORTEST_REPLACED = 4;

/** Every form in which a text may turn up in another one: as it is, in an address, in JSON. */
const formsOf = (secret: string): string[] => {
  const inAddress = encodeURIComponent(secret.toWellFormed());
  return [
    ...new Set([
      secret,
      secret.trim(),
      inAddress,
      inAddress.replaceAll('%20', '+'),
      JSON.stringify(secret).slice(1, -1),
    ]),
  ].toSorted((a, b) => b.length - a.length);
};

/** The text without any of the secrets, whatever their case. */
export function redactText(text: string, secrets: readonly string[]): string {
  return secrets.flatMap(formsOf).reduce((left, form) => {
    if (form === '' || !left.toLowerCase().includes(form.toLowerCase())) return left;
    if (form.length < SHORTEST_REPLACED || REPLACEMENT.includes(form.toLowerCase())) return REPLACEMENT;
    return left.replaceAll(new RegExp(form.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`), 'giu'), REPLACEMENT);
  }, text);
}

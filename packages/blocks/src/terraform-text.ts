// Text that is to reach AWS as it stands: Terraform would read `${` and `%{` as templates of its own.

/** Escapes Terraform's template markers, but not cdktn's references (`${TfToken[…]}`), which Terraform has to fill in. */
export const literal = (text: string): string => text.replaceAll(/\$\{(?!TfToken\[)/g, '$$${').replaceAll('%{', '%%{');

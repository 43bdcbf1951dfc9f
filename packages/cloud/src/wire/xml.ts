// XML by schema, both ways; the names of root elements are left to the protocols.
import { XmlShapeDeserializer, XmlShapeSerializer } from '@aws-sdk/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';

import { InvalidInput } from './check.ts';
import { checkElements } from './xml-elements.ts';

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

// https://www.w3.org/TR/xml/#charsets
// oxlint-disable-next-line no-control-regex -- these are what XML has not
const NO_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/;

const settings = {
  timestampFormat: { useTrait: true, default: 5 as const },
  httpBindings: false,
  serviceNamespace: '',
  xmlNamespace: '',
};

/** Reads a document whose root has to be the element that the schema names. Throws where it is no XML. */
export function readXml(schema: NormalizedSchema, text: string): unknown {
  const root = /<([^\s?!/>]+)/.exec(text.replace(/<!--[\s\S]*?-->/g, ''))?.[1];
  const expected = elementName(schema);
  if (NO_XML.test(text)) throw new InvalidInput('type', 'The document has characters that XML has not');
  if (root !== expected) throw new InvalidInput('type', `The root element is not ${expected}`);
  const value: unknown = new XmlShapeDeserializer(settings).read(schema, Buffer.from(text));
  checkElements(schema, text);
  return value;
}

/** A structure's members as elements, without an element around them. */
export function writeXmlMembers(schema: NormalizedSchema, value: unknown): string {
  if (schema.isUnitSchema()) return '';
  const serializer = new XmlShapeSerializer(settings);
  serializer.write(schema, value);
  const element = referred(String(serializer.flush()));
  return element.endsWith('/>') && !element.includes('</')
    ? ''
    : element.slice(element.indexOf('>') + 1, element.lastIndexOf('</'));
}

/** The name of the element that holds a structure. */
export function elementName(schema: NormalizedSchema): string {
  const traits = schema.getMergedTraits();
  return String(traits.xmlName ?? schema.getName());
}

export function xmlElement(name: string, content: string, namespace = ''): string {
  return `<${name}${namespace ? ` xmlns="${namespace}"` : ''}>${content}</${name}>`;
}

export const xmlText = (name: string, text: string): string => xmlElement(name, escape(text));

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};

const escape = (text: string): string => referred(text.replace(/[&<>"\r]/g, (character) => ENTITIES[character]!));

/** What XML 1.0 has not, by reference: a parser of XML 1.1 reads it, any other says where it stands. */
const referred = (text: string): string =>
  NO_XML.test(text)
    ? text.replaceAll(new RegExp(NO_XML, 'g'), (character) => `&#x${character.charCodeAt(0).toString(16)};`)
    : text;

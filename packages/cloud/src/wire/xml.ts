// XML by schema, both ways; the names of root elements are left to the protocols.
import { XmlShapeDeserializer, XmlShapeSerializer } from '@aws-sdk/core/protocols';
import type { NormalizedSchema } from '@smithy/core/schema';

import { InvalidInput } from './check.ts';

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

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
  if (root !== expected) throw new InvalidInput('type', `The root element is not ${expected}`);
  return new XmlShapeDeserializer(settings).read(schema, Buffer.from(text));
}

/** A structure's members as elements, without an element around them. */
export function writeXmlMembers(schema: NormalizedSchema, value: unknown): string {
  if (schema.isUnitSchema()) return '';
  const serializer = new XmlShapeSerializer(settings);
  serializer.write(schema, value);
  const element = String(serializer.flush());
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

const escape = (text: string): string => text.replace(/[&<>"\r]/g, (character) => ENTITIES[character]!);

import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Answerable, OpenApi, Verb } from './open-api.js';

export interface ReceivedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Holds answers against the document. */
export class AnswerChecker {
  private readonly ajv = new Ajv2020({ strict: false, validateFormats: false });

  constructor(private readonly document: OpenApi) {
    this.ajv.addSchema({ ...document, $id: 'document' });
  }

  /** @returns what the document does not say of the answer; undefined where it says all of it */
  undescribed(path: string, verb: Verb, answer: ReceivedAnswer): string | undefined {
    const responses = this.document.paths[path]?.[verb]?.responses ?? {};
    const name = [String(answer.status), `${Math.floor(answer.status / 100)}XX`].find((each) => each in responses);
    if (name === undefined) return `no answer ${answer.status}`;
    const stated = responses[name];
    const component = stated?.$ref?.split('/').at(-1);
    const place =
      component === undefined
        ? `/paths/${escaped(path)}/${verb}/responses/${name}`
        : `/components/responses/${component}`;
    const response = component === undefined ? stated : this.document.components.responses[component];
    if (!response) return `nothing about ${name}`;
    return missingHeader(response, answer) ?? this.undescribedBody(response, place, answer);
  }

  private undescribedBody({ content = {} }: Answerable, place: string, { headers, text }: ReceivedAnswer) {
    const mediaType = headers.get('content-type')?.split(';', 1)[0];
    if (mediaType === undefined || text === '') return Object.keys(content).length === 0 ? undefined : 'no empty body';
    if (!(mediaType in content)) return `no ${mediaType}`;
    // What is not JSON is only called by its name.
    if (!mediaType.includes('json')) return undefined;
    const validate = this.ajv.compile({ $ref: `document#${place}/content/${escaped(mediaType)}/schema` });
    return validate(JSON.parse(text)) ? undefined : this.ajv.errorsText(validate.errors);
  }
}

function missingHeader({ headers = {} }: Answerable, answer: ReceivedAnswer): string | undefined {
  const missing = Object.entries(headers).find(
    ([name, { required }]) => required === true && !answer.headers.has(name),
  );
  return missing && `the header ${missing[0]}, which is missing`;
}

function escaped(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}

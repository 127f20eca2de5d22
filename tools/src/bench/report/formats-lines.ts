import type { FormatsResult } from '../scenarios/formats.js';
import { figure, table } from './table.js';

export function formatsLines({ dataBytes, formats, schemes }: FormatsResult): string[] {
  const rows = (costs: FormatsResult['formats'], ofDefault: string) => {
    const base = costs.find(({ name }) => name === ofDefault)?.microsPerDelivery ?? NaN;
    return costs.map(({ name, microsPerDelivery }) => [
      `  ${name}`,
      figure(microsPerDelivery),
      figure(microsPerDelivery / base),
    ]);
  };
  return [
    '',
    `formats: rendering and signing ${dataBytes} bytes of data, CPU in this process`,
    ...table([['  format', 'µs/delivery', '× default'], ...rows(formats, 'json')]),
    ...table([['  scheme', 'µs/delivery', '× default'], ...rows(schemes, 'standard-webhooks')]),
  ];
}

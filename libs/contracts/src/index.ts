export { headerBytes, headerText, type ConsumedRecord, type OutgoingRecord, type RecordHeaders } from './record.js';

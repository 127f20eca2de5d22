import type { ProfileSample } from './profile.js';

const INVOICE = { number: 'INV-7', state: 'submitted', total_cents: 9950, lines: [{ sku: 'roof tile', quantity: 40 }] };

/** One of each profile, by its name. */
export const SAMPLES: Readonly<Record<string, ProfileSample | undefined>> = {
  'standard-webhooks': { events: [{ type: 'invoice.submitted', subject: 'INV-7', data: INVOICE }] },

  cloudevents: {
    events: [{ type: 'invoice.submitted', subject: 'Müller & Co', region: 'Zürich', data: INVOICE }],
  },

  github: {
    events: [
      {
        type: 'issue_comment.created',
        data: {
          action: 'created',
          issue: { number: 16, title: 'Test issue', state: 'open', user: { login: 'octocat' } },
          comment: {
            user: { login: 'octocat' },
            created_at: '2018-09-24T02:21:50Z',
            updated_at: '2018-09-24T02:21:50Z',
            author_association: 'MEMBER',
            body: 'Hello world!',
          },
          repository: { name: 'test-git' },
          sender: { login: 'octocat' },
        },
      },
    ],
  },

  intercom: {
    events: [
      {
        type: 'user.created',
        appid: 'a86dr8yl',
        data: {
          type: 'user',
          id: '57179d0fcda796048c00046d',
          user_id: null,
          anonymous: false,
          email: 'user@example.com',
          name: 'John Smith',
        },
      },
    ],
  },

  messenger: {
    events: ['Hello', 'Is anybody there?'].map((text, i) => ({
      type: 'page.message',
      subject: '1906385232743451',
      data: {
        sender: { id: '4310089' },
        recipient: { id: '1906385232743451' },
        timestamp: 1458692752478 + i,
        message: { mid: `m_${i}`, text },
      },
    })),
  },

  snapbill: {
    settings: { payload: { hydrate: { url: '{{receiver}}/invoices/{{event.subject}}' } } },
    events: [{ type: 'invoice.update.state', subject: 'INV-7', data: { details: 'paid' } }],
    // Cancelled since: what is sent is the invoice as it is by now.
    resources: { '/invoices/INV-7': { ...INVOICE, state: 'cancelled' } },
  },

  defacto: {
    events: [{ type: 'Invoice.SUBMITTED', transition: 'SUBMIT', data: { amount: 12.5, currency: 'EUR', lines: [1] } }],
  },

  slack: { events: [{ type: 'invoice.submitted', data: { text: 'Invoice INV-7 over 99.50 EUR was submitted' } }] },

  'app-store': {
    settings: { endpoint: { method: 'PUT' }, filters: [{ cel: 'data.app == "notes"' }] },
    events: [{ type: 'purchase.made', data: { type: 'purchase', app: 'notes', sku: 'pro-monthly' } }],
  },

  'job-tracker': {
    settings: { endpoint: { auth: { type: 'basic', username: 'crm', password: 'a password' } } },
    events: [
      { type: 'job.status-changed', subject: 'job-7', data: { job: 7, name: 'Roof', from: 'lead', to: 'sold' } },
    ],
  },
};

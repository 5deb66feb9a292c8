// The peer on Restate: an order is a virtual object. `steps` journals so many side effects one after the other; `messages`
// sends so many one-way messages to the object of that order, which handles each exactly once and changes its state.
//   node restate.mjs PORT
import * as restate from "@restatedev/restate-sdk";

const payload = "x".repeat(160);

const order = restate.object({
  name: "order",
  handlers: {
    steps: async (ctx, count) => {
      for (let i = 0; i < count; ++i) await ctx.run(`step ${i}`, () => payload);
      ctx.set("total", count);
      return count;
    },
    note: async (ctx, text) => {
      ctx.set("total", ((await ctx.get("total")) ?? 0) + 1);
      ctx.set("last", text);
    },
    total: async (ctx) => (await ctx.get("total")) ?? 0,
  },
});

const says = restate.service({
  name: "says",
  handlers: {
    messages: async (ctx, { key, count }) => {
      for (let i = 0; i < count; ++i) ctx.objectSendClient(order, key).note(payload);
      return count;
    },
  },
});

restate.serve({ services: [order, says], port: Number(process.argv[2]) });

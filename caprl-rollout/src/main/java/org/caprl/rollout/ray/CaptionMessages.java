package org.caprl.rollout.ray;

import java.util.ArrayList;
import java.util.List;
import org.caprl.core.generate.SamplingParams;
import org.caprl.core.model.Prompt;
import org.caprl.rollout.CaptionRequest;
import org.caprl.rollout.message.MessageKind;
import org.caprl.rollout.message.MessageReader;
import org.caprl.rollout.message.MessageWriter;
import org.caprl.rollout.message.RolloutMessages;
import org.caprl.rollout.pool.CaptionCall;
import org.caprl.rollout.pool.CaptionReply;

/** Exchanges with caption actors as messages. Prompts travel beside the call, as references to the object store. */
final class CaptionMessages {
    private CaptionMessages() {
    }

    static byte[] call(CaptionCall call) {
        MessageWriter m = new MessageWriter(MessageKind.CAPTION_CALL).put(call.call()).put(call.weightVersion());
        RolloutMessages.put(m, call.params());
        return m.putAll(call.groups(), (w, item) -> w.put(item.id()).put(item.request().keys())).put(call.drop()).put(call.enough())
                .put(call.waitMillis()).bytes();
    }

    /** @param prompts of the groups, in order */
    static CaptionCall call(byte[] message, List<Prompt> prompts) {
        MessageReader m = new MessageReader(message, MessageKind.CAPTION_CALL);
        long number = m.number();
        long version = m.number();
        SamplingParams params = RolloutMessages.sampling(m);
        List<CaptionCall.Item> items = new ArrayList<>();
        m.all(r -> new Keys(r.integer(), r.longs())).forEach(keys -> items.add(new CaptionCall.Item(keys.id(),
                new CaptionRequest(prompts.get(items.size()), keys.keys()))));
        CaptionCall call = new CaptionCall(number, version, params, items, m.ints(), m.integer(), m.integer());
        m.end();
        return call;
    }

    private record Keys(int id, long[] keys) {
    }

    static byte[] reply(CaptionReply reply) {
        return new MessageWriter(MessageKind.CAPTION_REPLY)
                .putAll(reply.done(), (m, done) -> m.put(done.id()).putAll(done.captions(), RolloutMessages::put).put(done.passes()))
                .put(reply.unfinished()).put(reply.sampledTokens()).bytes();
    }

    static CaptionReply reply(byte[] message) {
        MessageReader m = new MessageReader(message, MessageKind.CAPTION_REPLY);
        CaptionReply reply = new CaptionReply(
                m.all(r -> new CaptionReply.Done(r.integer(), r.all(RolloutMessages::caption), r.number())), m.integer(), m.number());
        m.end();
        return reply;
    }
}

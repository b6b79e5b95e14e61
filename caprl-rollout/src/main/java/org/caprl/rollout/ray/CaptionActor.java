package org.caprl.rollout.ray;

import io.ray.api.ObjectRef;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import org.caprl.core.InputException;
import org.caprl.core.autograd.Var;
import org.caprl.core.generate.TokenText;
import org.caprl.core.model.CausalLm;
import org.caprl.core.model.load.Models;
import org.caprl.core.model.load.Processor;
import org.caprl.core.tensor.Backends;
import org.caprl.core.tensor.TensorOps;
import org.caprl.rollout.local.LocalCaptionEngine;
import org.caprl.rollout.message.MessageKind;
import org.caprl.rollout.message.MessageWriter;
import org.caprl.rollout.weights.WeightIntake;
import org.caprl.rollout.weights.WeightPacket;

/** A process of the cluster that writes captions: a shell around {@link LocalCaptionEngine}. Its methods are called by Ray. */
public final class CaptionActor extends ServingActor {
    private CausalLm policy;
    private LocalCaptionEngine engine;
    private CaptionDesk desk;

    /** Starts a backend and loads the policy; gives the backend's reason. @param setup an {@link EngineSetup} */
    public byte[] open(byte[] setup) {
        return onWorker(() -> {
            showGpus();
            EngineSetup s = EngineSetup.of(setup);
            if (!Files.isDirectory(s.model())) {
                throw new InputException("policy.path " + s.model() + " is no folder on this node; every node that writes captions needs "
                        + "the model under the same path");
            }
            Backends.Choice backend = Backends.open(s.backend(), s.threads());
            TensorOps ops = backend.ops();
            Processor processor = Processor.load(Models.base(s.model()));
            TokenText tokens = processor::text;
            policy = Models.load(s.model(), ops, s.type(), s.adapters());
            engine = new LocalCaptionEngine(policy, ops, tokens, s.limits());
            desk = new CaptionDesk(engine, this::later);
            return new MessageWriter(MessageKind.ACTOR).put(backend.reason()).bytes();
        });
    }

    /**
     * Takes weights; gives version and digest of what came.
     *
     * @param packet a {@link WeightPacket}
     * @param chunks of it; each is fetched when its turn comes, so that one is in memory at a time
     */
    public byte[] install(byte[] packet, List<ObjectRef<byte[]>> chunks) {
        return onWorker(() -> {
            WeightPacket weights = WeightPacket.of(packet);
            String digest = take(weights, chunks, policy.params().trainable());
            engine.install(weights.version());
            return new MessageWriter(MessageKind.WEIGHTS).put(weights.version()).put(digest).bytes();
        });
    }

    /** Takes weights into these; gives the digest of what came. */
    static String take(WeightPacket weights, List<ObjectRef<byte[]>> chunks, Map<String, Var> into) {
        WeightIntake intake = new WeightIntake(weights, into);
        for (ObjectRef<byte[]> chunk : chunks) {
            intake.accept(chunk.get());
        }
        return intake.finish();
    }

    /**
     * Takes work and gives what is done.
     *
     * @param call a {@link org.caprl.rollout.pool.CaptionCall}
     * @param prompts of its groups, in order
     */
    public byte[] exchange(byte[] call, List<ObjectRef<byte[]>> prompts) {
        return Outcome.of(() -> CaptionMessages.reply(desk.exchange(CaptionMessages.call(call, PromptStore.fetch(prompts)))));
    }
}

package org.caprl.rollout.ray;

import io.ray.api.exception.RayException;
import java.util.concurrent.Callable;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;
import org.caprl.rollout.message.MessageKind;
import org.caprl.rollout.message.MessageReader;
import org.caprl.rollout.message.MessageWriter;

/**
 * How a call of an actor ended, as bytes: what it gives, or why it failed. Exceptions do not cross by themselves: Ray wraps them in its
 * own, and what is a user's mistake must stay one.
 */
public final class Outcome {
    /** Nothing, and it went well. Not empty: Ray gives an empty array back as null. */
    private static final byte[] NOTHING = new MessageWriter(MessageKind.DONE).bytes();

    /** What a failure is to the one who called. */
    private enum Fault {
        /** {@link InputException}. */
        INPUT,
        /** {@link RunStoppedException}. */
        STOPPED,
        /** {@link ObjectsLostException}. */
        OBJECTS,
        /** Anything else: a fault of the program. */
        OTHER
    }

    private Outcome() {
    }

    /** What the work gives, or its failure. For methods of actors. */
    public static byte[] of(Callable<byte[]> work) {
        try {
            return work.call();
        } catch (InputException e) {
            return failure(Fault.INPUT, e.getMessage());
        } catch (RunStoppedException e) {
            return failure(Fault.STOPPED, e.getMessage());
        } catch (RayException e) {
            return failure(Fault.OBJECTS, String.valueOf(e.getMessage()).lines().findFirst().orElse(e.getClass().getSimpleName()));
        } catch (Throwable e) {
            return failure(Fault.OTHER, trace(e));
        }
    }

    /** What a method gives that has nothing to give. */
    public static byte[] nothing() {
        return NOTHING;
    }

    private static byte[] failure(Fault fault, String message) {
        return new MessageWriter(MessageKind.FAILURE).put(fault).put(String.valueOf(message)).bytes();
    }

    private static String trace(Throwable e) {
        StringBuilder text = new StringBuilder();
        for (Throwable t = e; t != null; t = t.getCause()) {
            text.append(text.isEmpty() ? "" : "; because of ").append(t);
            StackTraceElement[] frames = t.getStackTrace();
            for (int i = 0; i < Math.min(frames.length, 6); i++) {
                text.append("\n    at ").append(frames[i]);
            }
        }
        return text.toString();
    }

    /**
     * The bytes of a call that ended well.
     *
     * @param actor name of who was called
     * @throws InputException as it was thrown there, with the actor's name
     * @throws RunStoppedException as it was thrown there, with the actor's name
     * @throws ObjectsLostException if what it was to read is gone
     */
    public static byte[] require(byte[] reply, String actor) {
        if (!MessageReader.is(reply, MessageKind.FAILURE)) {
            return reply;
        }
        MessageReader reader = new MessageReader(reply, MessageKind.FAILURE);
        Fault fault = reader.constant(Fault.class);
        String message = actor + ": " + reader.text();
        throw switch (fault) {
            case INPUT -> new InputException(message);
            case STOPPED -> new RunStoppedException(message);
            case OBJECTS -> new ObjectsLostException(message);
            case OTHER -> new IllegalStateException(message);
        };
    }
}

package org.caprl.reward;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.caprl.core.InputException;
import org.caprl.core.RunStoppedException;

/**
 * A user's own reward: a public class that implements {@link Reward}, with a public constructor that takes nothing or a
 * {@code Map<String, String>} of options, from a jar or from the class path.
 *
 * <p>What the class does wrong stops the run with its name: an exception, scores for other captions than were given, a score that is
 * neither a finite number nor {@link Score#unscored}.
 */
public final class CustomReward implements Reward, AutoCloseable {
    private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9_]*");
    /** Names of metrics and of rewards that there are. */
    private static final Set<String> TAKEN = Set.of("mean", "std", "qa", "length", "format", "judge");

    private final Reward reward;
    private final String name;
    private final String place;
    private final URLClassLoader jar;

    private CustomReward(Reward reward, String name, String place, URLClassLoader jar) {
        this.reward = reward;
        this.name = name;
        this.place = place;
        this.jar = jar;
    }

    /**
     * Checks that there is such a class, without making one.
     *
     * @throws IllegalArgumentException with what is wrong and how to mend it
     */
    public static void check(String className, Optional<Path> jar) {
        try (URLClassLoader loader = loader(jar)) {
            constructor(className, jar, loader);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Makes the reward.
     *
     * @param place key of the configuration, for errors
     * @throws InputException if there is no such class, its constructor fails, or its name can't name a metric
     */
    public static CustomReward load(String className, Optional<Path> jar, Map<String, String> options, String place) {
        String where = place + " (" + className + ")";
        URLClassLoader loader = loader(jar);
        try {
            Constructor<? extends Reward> constructor = constructor(className, jar, loader);
            Reward reward = constructor.getParameterCount() == 1 ? constructor.newInstance(options) : constructor.newInstance();
            if (constructor.getParameterCount() == 0 && !options.isEmpty()) {
                throw new InputException(where + ": options " + options.keySet() + " are given, but the class has no public constructor "
                        + "that takes a Map<String, String>; add one, or leave options out");
            }
            String name = reward.name();
            if (name == null || !NAME.matcher(name).matches() || TAKEN.contains(name)) {
                throw new InputException(where + ": its name() is '" + name + "'; return one of a-z, 0-9 and _ that begins with a letter "
                        + "and is not " + String.join(", ", TAKEN.stream().sorted().toList()));
            }
            return new CustomReward(reward, name, where, loader);
        } catch (InvocationTargetException e) {
            close(loader);
            throw new InputException(where + ": its constructor failed: " + e.getCause(), e.getCause());
        } catch (IllegalArgumentException | ReflectiveOperationException e) {
            close(loader);
            throw new InputException(where + ": " + e.getMessage(), e);
        } catch (InputException e) {
            close(loader);
            throw e;
        } catch (RuntimeException | LinkageError e) {
            close(loader);
            throw new InputException(where + ": " + e, e);
        }
    }

    private static URLClassLoader loader(Optional<Path> jar) {
        try {
            URL[] urls = jar.isEmpty() ? new URL[0] : new URL[] {jar.get().toUri().toURL()};
            return new URLClassLoader(urls, CustomReward.class.getClassLoader());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Constructor<? extends Reward> constructor(String className, Optional<Path> jar, ClassLoader loader) {
        String from = jar.map(path -> " in " + path).orElse(" on the class path; name its jar");
        Class<?> type;
        try {
            type = Class.forName(className, false, loader);
        } catch (ClassNotFoundException e) {
            throw new IllegalArgumentException("no class " + className + from, e);
        } catch (LinkageError e) {
            throw new IllegalArgumentException("class " + className + from + " can't be loaded: " + e, e);
        }
        if (!Reward.class.isAssignableFrom(type) || Modifier.isAbstract(type.getModifiers()) || !Modifier.isPublic(type.getModifiers())) {
            throw new IllegalArgumentException("class " + className + " is no public class that implements " + Reward.class.getName());
        }
        for (Class<?>[] parameters : List.of(new Class<?>[] {Map.class}, new Class<?>[0])) {
            try {
                return type.asSubclass(Reward.class).getConstructor(parameters);
            } catch (NoSuchMethodException e) {
                continue; // the other one
            }
        }
        throw new IllegalArgumentException("class " + className + " has no public constructor that takes nothing or a Map<String, String>");
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<List<Score>> score(List<GroupToScore> groups) {
        List<List<Score>> scores;
        try {
            scores = reward.score(groups);
        } catch (RuntimeException | LinkageError e) {
            throw new RunStoppedException("reward '" + name + "' of " + place + " failed: " + e, e);
        }
        boolean fits = scores != null && scores.size() == groups.size();
        for (int g = 0; fits && g < groups.size(); g++) {
            List<Score> group = scores.get(g);
            fits = group != null && group.size() == groups.get(g).captions().size() && group.stream().noneMatch(s -> s == null);
        }
        if (!fits) {
            throw new RunStoppedException("reward '" + name + "' of " + place + " did not return one score for each caption of each group");
        }
        return scores;
    }

    /** Closes the reward, if it can be closed, and its jar. */
    @Override
    public void close() {
        try {
            if (reward instanceof AutoCloseable closeable) {
                closeable.close();
            }
        } catch (Exception e) {
            throw new RunStoppedException("reward '" + name + "' of " + place + " failed to close: " + e, e);
        } finally {
            close(jar);
        }
    }

    private static void close(URLClassLoader loader) {
        try {
            loader.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

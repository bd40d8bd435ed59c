package io.valuetask.samples.http;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * The files below a directory, by the path of a URL. What leads out of it is not there: neither names that climb, however
 * they are written, nor links. Nor is what begins with a dot, and what is no plain file.
 *
 * <p>Links are looked at before the file is opened; whoever can change them in between can write below the root, and has
 * easier ways.
 */
final class FileTree {
    private final Path root;

    FileTree(Path root) throws IOException {
        this.root = root.toRealPath();
    }

    /** Opens a file, which the caller releases. Touches the disk. */
    OpenFile open(String encoded) throws IOException, HttpException {
        try {
            Path real = root.resolve(relative(encoded)).toRealPath();
            if (real.startsWith(root)) {
                // Before it is opened: to open a pipe would wait for its other end.
                BasicFileAttributes attributes = Files.readAttributes(real, BasicFileAttributes.class,
                        LinkOption.NOFOLLOW_LINKS);
                if (attributes.isRegularFile()) {
                    return new OpenFile(
                            FileChannel.open(real, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS),
                            ContentTypes.of(real.getFileName().toString()), attributes.size(),
                            attributes.lastModifiedTime().toMillis());
                }
            }
        } catch (java.nio.file.FileSystemException | InvalidPathException missing) {
            // not there, not ours to read, a file for a directory, links in a circle, a name that is too long
        }
        throw new HttpException(HttpResponseStatus.NOT_FOUND, "there is no such file");
    }

    /** Segments that each are a name, and no more. */
    private static String relative(String encoded) throws HttpException {
        StringBuilder path = new StringBuilder();
        for (String segment : encoded.split("/", -1)) {
            String name = decode(segment);
            if (name.isEmpty() || name.startsWith(".") || !isName(name)) {
                throw new HttpException(HttpResponseStatus.NOT_FOUND, "there is no such file");
            }
            path.append(path.isEmpty() ? "" : "/").append(name);
        }
        return path.toString();
    }

    private static boolean isName(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c < ' ' || c == 0x7f || c == '/' || c == '\\' || c == ':') {
                return false;
            }
        }
        return true;
    }

    /** Once: what is encoded twice stays encoded. */
    private static String decode(String segment) throws HttpException {
        if (segment.indexOf('%') < 0) {
            return segment;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            if (c == '%') {
                int high = i + 2 < segment.length() ? Character.digit(segment.charAt(i + 1), 16) : -1;
                int low = high < 0 ? -1 : Character.digit(segment.charAt(i + 2), 16);
                if (low < 0) {
                    throw malformed();
                }
                bytes.write(high << 4 | low);
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray()))
                    .toString();
        } catch (CharacterCodingException noText) {
            throw malformed();
        }
    }

    private static HttpException malformed() {
        return new HttpException(HttpResponseStatus.BAD_REQUEST, "the path is malformed");
    }
}

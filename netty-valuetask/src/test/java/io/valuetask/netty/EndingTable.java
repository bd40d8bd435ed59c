package io.valuetask.netty;

import io.valuetask.netty.EndingTable.Ending.Arrives;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What becomes of an operation when something ends, written as data and by hand: a row per operation, a column per
 * ending. A cell is the outcome:
 *
 * <ul>
 * <li>{@code message}, {@code channel}, {@code end} of the stream, {@code done}, or the {@code local}, {@code remote} or
 * {@code failed} of a reason: it completes with that</li>
 * <li>{@code closed}, {@code io}, {@code removed}, {@code reported}, {@code late}, {@code interrupted}, {@code timeout},
 * {@code canceled}: it fails, see {@link EndingScene#outcomeOf}; {@code io} may be {@code closed} too, since what a broken
 * connection fails a write with depends on who notices first</li>
 * <li>{@code either}: what it is to answer, or {@code closed}, whichever of two executors is faster</li>
 * <li>{@code goes-on}: that is no end of it. It ends when the channel is closed afterwards</li>
 * <li>{@code -}: no such combination, for the reason given beside the table</li>
 * </ul>
 */
final class EndingTable {
    /** The operations, each with what may wait before it. */
    enum Operation {
        READ,
        READ_TOKEN,
        READ_WITHIN,
        MOVE_NEXT,
        READ_EVENT,
        READ_EVENT_TOKEN,
        ACCEPT,
        ACCEPT_TOKEN,
        PUMP,
        PUMP_SINK,
        RELAY,
        RELAY_SINK,
        CLOSED,
        SERVER_CLOSED,
        UPGRADE,
        HAND_OVER,
        WRITE,
        WRITE_IN_TURN,
        WRITE_AND_FLUSH,
        WRITE_ALL,
        SEND,
        SEND_IN_TURN,
        FLUSH,
        WRITABLE,
        SHUTDOWN_OUTPUT,
        CLOSE,
        CONNECT,
        BIND;

        /** What waits completes it. */
        boolean isRead() {
            return compareTo(PUMP) < 0;
        }

        /** Messages wait to be read; or else to leave. */
        boolean isBehindInbound() {
            return compareTo(WRITE) < 0;
        }

        /** It registers with a token of its own. */
        boolean hasToken() {
            return this == READ_TOKEN || this == READ_EVENT_TOKEN || this == ACCEPT_TOKEN;
        }

        /** What waits are user events. */
        boolean isOfEvents() {
            return this == READ_EVENT || this == READ_EVENT_TOKEN;
        }

        /** There is a server channel, whose connections wait. */
        boolean isOfServer() {
            return this == ACCEPT || this == ACCEPT_TOKEN || this == SERVER_CLOSED;
        }

        /** There is no channel before it. */
        boolean isOpening() {
            return this == CONNECT || this == BIND;
        }

        /** Another connection takes what this one receives. */
        boolean isJoining() {
            return this == PUMP || this == RELAY || isEndedAtTheSink();
        }

        /** What ends is the channel that it sends to, and not the one that it reads. */
        boolean isEndedAtTheSink() {
            return this == PUMP_SINK || this == RELAY_SINK;
        }

        /** Another protocol takes over. */
        boolean isSwitch() {
            return this == UPGRADE || this == HAND_OVER;
        }
    }

    /** What ends, or tries to. */
    enum Ending {
        PEER_FIN(Arrives.AT_THE_CHANNEL),
        PEER_RST(Arrives.AT_THE_CHANNEL),
        CLOSE(Arrives.AT_THE_CHANNEL),
        HANDLER_CLOSES(Arrives.AT_THE_CHANNEL),
        REMOVAL(Arrives.AT_THE_CHANNEL),
        EXCEPTION(Arrives.AT_THE_CHANNEL),
        LOOP_ENDS(Arrives.AT_THE_CHANNEL),
        INTERRUPT(Arrives.AT_THE_WAITER),
        AWAIT_TIMEOUT(Arrives.AT_THE_WAITER),
        /** The time that the operation has of its own: that of a read, or the deadline of a close. */
        OWN_TIMEOUT(Arrives.AT_THE_CHANNEL),
        TOKEN(Arrives.AT_THE_WAITER);

        enum Arrives {
            AT_THE_CHANNEL,
            AT_THE_WAITER
        }

        private final Arrives arrives;

        Ending(Arrives arrives) {
            this.arrives = arrives;
        }

        /** A continuation has neither a thread to interrupt nor an await; some operations have a token of their own. */
        boolean needsThread(Operation operation) {
            return arrives == Arrives.AT_THE_WAITER && !(this == TOKEN && operation.hasToken());
        }
    }

    static final String GOES_ON = "goes-on";
    private static final String NONE = "-";

    // @formatter:off
    /*
     * Nothing waits before it, and it is pending when the end comes. A flush, a wait for room, a shutdown of the output and
     * a close that nothing waits before are complete at once. Only read(Duration) and a close have a time of their own. An
     * upgrade and a hand-over wait for their handler's own executor, and are nothing to be cancelled. For an accept, and for
     * the end of the server channel, what ends is that channel, or the connection that it would take; for a connect and a
     * bind, the channel that nobody has yet: nobody can close it but a handler, and it has no peer. A bind is held by a
     * handler, which lets it go in the end. Each of two joined channels may end; with nothing to send, a pump learns of the
     * one that it sends to when that is closed, whereas a relay reads both.
     */
    private static final String NOTHING_QUEUED = """
                         FIN      RST     CLOSE   HANDLER REMOVAL  EXCEPTION LOOP    INTERRUPT   AWAIT   OWN    TOKEN
        READ             end      io      closed  closed  removed  reported  closed  interrupted timeout -      canceled
        READ_TOKEN       end      io      closed  closed  removed  reported  closed  interrupted timeout -      canceled
        READ_WITHIN      end      io      closed  closed  removed  reported  closed  interrupted timeout late   canceled
        MOVE_NEXT        end      io      closed  closed  removed  reported  closed  interrupted timeout -      canceled
        READ_EVENT       goes-on  end     closed  closed  removed  goes-on   closed  interrupted timeout -      canceled
        READ_EVENT_TOKEN goes-on  end     closed  closed  removed  goes-on   closed  interrupted timeout -      canceled
        ACCEPT           -        -       closed  closed  closed   goes-on   closed  interrupted timeout -      canceled
        ACCEPT_TOKEN     -        -       closed  closed  closed   goes-on   closed  interrupted timeout -      canceled
        PUMP             done     io      closed  closed  removed  reported  closed  interrupted timeout -      canceled
        PUMP_SINK        goes-on  closed  closed  closed  goes-on  goes-on   closed  interrupted timeout -      canceled
        RELAY            goes-on  io      closed  closed  removed  reported  closed  interrupted timeout -      canceled
        RELAY_SINK       goes-on  io      closed  closed  removed  reported  closed  interrupted timeout -      canceled
        CLOSED           goes-on  failed  local   local   goes-on  goes-on   local   interrupted timeout -      canceled
        SERVER_CLOSED    -        -       done    done    done     goes-on   done    interrupted timeout -      canceled
        UPGRADE          channel  either  closed  closed  removed  channel   closed  channel     channel -      channel
        HAND_OVER        done     either  closed  closed  removed  done      closed  done        done    -      done
        WRITE            goes-on  io      done    closed  removed  goes-on   closed  interrupted timeout -      canceled
        WRITE_IN_TURN    goes-on  io      done    closed  removed  goes-on   closed  interrupted timeout -      canceled
        WRITE_AND_FLUSH  goes-on  io      closed  closed  removed  goes-on   closed  interrupted timeout -      canceled
        WRITE_ALL        goes-on  io      closed  closed  removed  goes-on   closed  interrupted timeout -      canceled
        SEND             goes-on  closed  closed  closed  closed   goes-on   closed  interrupted timeout -      canceled
        SEND_IN_TURN     goes-on  closed  closed  closed  closed   goes-on   closed  interrupted timeout -      canceled
        FLUSH            -        -       -       -       -        -         -       -           -       -      -
        WRITABLE         -        -       -       -       -        -         -       -           -       -      -
        SHUTDOWN_OUTPUT  -        -       -       -       -        -         -       -           -       -      -
        CLOSE            -        -       -       -       -        -         -       -           -       -      -
        CONNECT          -        -       -       closed  goes-on  goes-on   closed  interrupted timeout -      canceled
        BIND             -        -       -       closed  closed   goes-on   closed  interrupted timeout -      canceled
        """;

    /*
     * Messages wait before it. A read is complete then, and the end comes before its result is taken, which is when the
     * message is; and so it is with events, and with connections for an accept. A pump and a relay have a message for which
     * there is no room, and look at the channel that they have it from when there is; but a relay sends to that one, too, and
     * ends when it is closed. All that writes stands behind a write that stalls. So does a close, which waits for that up to
     * its deadline: to be closed again does not hasten it. Nothing can wait before a channel that is not there.
     */
    private static final String SOME_QUEUED = """
                         FIN      RST     CLOSE   HANDLER REMOVAL  EXCEPTION LOOP    INTERRUPT   AWAIT   OWN     TOKEN
        READ             message  message closed  message removed  message   message message     message -       message
        READ_TOKEN       message  message closed  message removed  message   message message     message -       message
        READ_WITHIN      message  message closed  message removed  message   message message     message message message
        MOVE_NEXT        message  message closed  message removed  message   message message     message -       message
        READ_EVENT       message  message closed  message removed  message   message message     message -       message
        READ_EVENT_TOKEN message  message closed  message removed  message   message message     message -       message
        ACCEPT           channel  channel closed  closed  closed   channel   closed  channel     channel -       channel
        ACCEPT_TOKEN     channel  channel closed  closed  closed   channel   closed  channel     channel -       channel
        PUMP             goes-on  goes-on goes-on goes-on goes-on  goes-on   goes-on interrupted timeout -       canceled
        PUMP_SINK        goes-on  closed  closed  closed  closed   goes-on   closed  interrupted timeout -       canceled
        RELAY            goes-on  io      closed  closed  goes-on  goes-on   closed  interrupted timeout -       canceled
        RELAY_SINK       goes-on  io      closed  closed  closed   reported  closed  interrupted timeout -       canceled
        CLOSED           goes-on  failed  local   local   goes-on  goes-on   local   interrupted timeout -       canceled
        SERVER_CLOSED    goes-on  goes-on done    done    done     goes-on   done    interrupted timeout -       canceled
        UPGRADE          channel  either  closed  closed  removed  channel   closed  channel     channel -       channel
        HAND_OVER        done     either  closed  closed  removed  done      closed  done        done    -       done
        WRITE            goes-on  io      closed  closed  removed  goes-on   closed  interrupted timeout -       canceled
        WRITE_IN_TURN    goes-on  io      closed  closed  removed  goes-on   closed  interrupted timeout -       canceled
        WRITE_AND_FLUSH  goes-on  io      closed  closed  removed  goes-on   closed  interrupted timeout -       canceled
        WRITE_ALL        goes-on  io      closed  closed  removed  goes-on   closed  interrupted timeout -       canceled
        SEND             goes-on  closed  closed  closed  closed   goes-on   closed  interrupted timeout -       canceled
        SEND_IN_TURN     goes-on  closed  closed  closed  closed   goes-on   closed  interrupted timeout -       canceled
        FLUSH            goes-on  io      closed  closed  removed  goes-on   closed  interrupted timeout -       canceled
        WRITABLE         goes-on  closed  closed  closed  closed   goes-on   closed  interrupted timeout -       canceled
        SHUTDOWN_OUTPUT  goes-on  io      closed  closed  removed  goes-on   closed  interrupted timeout -       canceled
        CLOSE            goes-on  local   goes-on local   local    goes-on   local   interrupted timeout local   canceled
        CONNECT          -        -       -       -       -        -         -       -           -       -       -
        BIND             -        -       -       -       -        -         -       -           -       -       -
        """;
    // @formatter:on

    private static final Map<Operation, List<String>> OF_NOTHING_QUEUED = parse(NOTHING_QUEUED);
    private static final Map<Operation, List<String>> OF_SOME_QUEUED = parse(SOME_QUEUED);

    private EndingTable() {}

    private static Map<Operation, List<String>> parse(String table) {
        Map<Operation, List<String>> rows = new EnumMap<>(Operation.class);
        table.lines().skip(1).map(line -> Arrays.asList(line.trim().split(" +")))
                .forEach(cells -> rows.put(Operation.valueOf(cells.get(0)), cells.subList(1, cells.size())));
        return rows;
    }

    static String outcome(Operation operation, Ending ending, int queued) {
        return (queued == 0 ? OF_NOTHING_QUEUED : OF_SOME_QUEUED).get(operation).get(ending.ordinal());
    }

    static boolean hasCase(Operation operation, Ending ending, int queued) {
        return !outcome(operation, ending, queued).equals(NONE);
    }
}

/**
 * The tests of the bridge.
 *
 * <p>Most of them extend {@code ValueTaskChannelContract}, and so run over every transport and for every kind of caller.
 * {@code EndingMatrixTest} and {@code PipelineMatrixTest} let every operation meet every ending and every protocol. Tests of
 * real sockets run on NIO, epoll and io_uring, as far as the system has them; what is left out on io_uring has its reason in
 * {@code Transport.Habit}.
 *
 * <h2>Who calls</h2>
 *
 * <p>A caller is the channel's loop itself, with a continuation; or a thread: a platform thread, a virtual one of the common
 * scheduler, one that the channel's own loop carries, or one that another loop carries. {@code Call.By} has the five;
 * {@code BackgroundCall.Kind} those that need no channel. Without the flag that carried threads need, those of them run on
 * the common scheduler, and what is about the loop's turns is skipped.
 *
 * <table>
 * <caption>Tests and their callers</caption>
 * <tr><th>Tests</th><th>Loop</th><th>Platform</th><th>Common</th><th>Own loop's</th><th>Other loop's</th></tr>
 * <tr><td>the contract: whatever extends {@code ValueTaskChannelContract}</td>
 * <td>yes</td><td>yes</td><td>yes</td><td>yes</td><td>yes</td></tr>
 * <tr><td>{@code EndingMatrixTest}</td>
 * <td>yes</td><td></td><td>yes</td><td>yes</td><td></td></tr>
 * <tr><td>{@code PipelineMatrixTest}, {@code Http2StreamTest}</td>
 * <td>yes</td><td></td><td>yes</td><td>yes</td><td></td></tr>
 * <tr><td>the rows of .NET and whatever else takes every {@code BackgroundCall.Kind}, the core's and the streams' too</td>
 * <td></td><td>yes</td><td>yes</td><td></td><td>yes</td></tr>
 * <tr><td>{@code SocketConformanceTest}, {@code SocketCancellationConformanceTest}, where they take every {@code Call.By}</td>
 * <td>yes</td><td>yes</td><td>yes</td><td>yes</td><td>yes</td></tr>
 * <tr><td>{@code CarriedOrderTest}</td>
 * <td></td><td>yes</td><td>yes</td><td>yes</td><td>yes</td></tr>
 * <tr><td>{@code CarriedFlushTest}, {@code CarriedMoveTest}, {@code CarriedAllocationTest}</td>
 * <td></td><td></td><td></td><td>yes</td><td></td></tr>
 * <tr><td>{@code ServedBodyTest}: bodies as users serve them</td>
 * <td></td><td></td><td>yes</td><td>yes</td><td></td></tr>
 * <tr><td>other tests that serve bodies, such as {@code HandlerLifeCycleTest}; the build runs them twice</td>
 * <td></td><td></td><td>yes</td><td>yes</td><td></td></tr>
 * </table>
 *
 * <h2>What users of this field ask for, and the tests that show it</h2>
 *
 * <p>{@code FeatureIndexTest} reads this table and fails when a row names a test that does not exist or does not run. The
 * first test of a class has its name.
 *
 * <table>
 * <caption>Features and their tests</caption>
 * <tr><th>No.</th><th>Feature</th><th>Here</th><th>Tests</th></tr>
 * <tr><td>1</td><td>reading on demand, not by callback</td>
 * <td>{@code read()} answers a value task of the next message</td>
 * <td>ChannelReadTest#read_whenAMessageIsThere_returnsItAtOnce, #read_whenAMessageArrivesLater_returnsIt</td></tr>
 * <tr><td>2</td><td>writing that can be awaited</td>
 * <td>every form of it answers a value task</td>
 * <td>ChannelWriteTest#writeAndFlush_whenThereIsRoom_completesAndThePeerGetsIt</td></tr>
 * <tr><td>3</td><td>a write completes when its bytes have left, not when they are queued</td>
 * <td>{@code write} does; {@code send} is the cheap form, which completes when there is room</td>
 * <td>ChannelWriteTest#write_beforeAFlush_doesNotComplete,
 * #flush_whenThePeerDoesNotRead_completesWhenTheEarlierWritesHaveLeft,
 * SendTest#writable_whenThereIsRoom_isCompleteAtOnce</td></tr>
 * <tr><td>4</td><td>write, flush, and both together</td>
 * <td>all three; {@code writeAndFlush} flushes when the policy says so, which may be later</td>
 * <td>ChannelWriteTest#write_beforeAFlush_doesNotComplete, #flush_whenNothingWasWritten_completes,
 * FlushPolicyTest#burst_whenThePolicyIsExplicit_isFlushedByFlushOnly</td></tr>
 * <tr><td>5</td><td>one flush for writes that are awaited one by one</td>
 * <td>one for each turn of the event loop, unless the policy says otherwise</td>
 * <td>FlushPolicyTest#burst_whenThePolicyIsEndOfTurn_isFlushedOnce, #answers_toOneBatchOfReads_areFlushedOnce,
 * #burst_whenThePolicyIsNow_isFlushedMessageByMessage</td></tr>
 * <tr><td>6</td><td>writing several messages at once</td>
 * <td>{@code writeAll}: one step, one flush, one value task</td>
 * <td>BatchWriteTest#writeAll_sendsAllInOrderAndCompletesWhenTheyHaveLeft,
 * #writeAll_whenSomeFail_sendsTheOthersAndFailsWithTheFirstFailure,
 * QueuedBatchTest#writeAll_fromAnotherThread_isOneTaskOfTheLoop</td></tr>
 * <tr><td>7</td><td>a reader that is slow slows its peer down</td>
 * <td>always: reading pauses and the window of TCP fills; reading ahead can be switched off</td>
 * <td>ReadBoundsTest#socket_whenNobodyReads_isReadToTheMarkOnly,
 * #socket_whenAHandlerAsksForMoreByItself_isReadToTheMarkAndOneReadMore,
 * StrictPullTest#transport_whenNobodyReadsAndReadingAheadIsOff_isAskedForNothing</td></tr>
 * <tr><td>8</td><td>bounds in bytes, not in messages alone</td>
 * <td>in both</td>
 * <td>InboundQueueTest#isFull_atSixtyFourKibibytes_isTrue, #isFull_atSixtyFourMessages_isTrue,
 * DatagramTest#packets_whileNobodyReads_areKeptAsFarAsTheBoundsGo</td></tr>
 * <tr><td>9</td><td>a peer that is slow slows its writer down</td>
 * <td>{@code send} and {@code writable} wait for room</td>
 * <td>SendTest#send_whenThePeerDoesNotRead_staysBelowTheMarkAndGoesOnWhenItDoes,
 * #send_whenTheLoopIsBusy_countsWhatIsOnItsWay</td></tr>
 * <tr><td>10</td><td>taking all that has arrived after one wait</td>
 * <td>{@code read}, and then {@code drainTo}</td>
 * <td>ReadFormsTest#drainTo_takesUpToAFailureAndNoMoreThanAsked</td></tr>
 * <tr><td>11</td><td>no garbage for a read that is awaited</td>
 * <td>none</td>
 * <td>WriteAllocationTest#read_thatWaits_allocatesNothing, #read_ofAMessageThatIsThere_allocatesNothing</td></tr>
 * <tr><td>12</td><td>no garbage for a write that is awaited</td>
 * <td>none, from the event loop and from other threads</td>
 * <td>WriteAllocationTest#writeAndFlush_allocatesNothing, #everyWrite_fromAnotherThread_allocatesNothing</td></tr>
 * <tr><td>13</td><td>one object for all operations, with a token that tells them apart</td>
 * <td>56 bits of token, in one word with the state</td>
 * <td>PromiseReuseTest#writes_oneAfterAnother_useTheSamePromise,
 * BeyondConformanceTest#b1_aToken_of16BitsAgoAndOlder_isRefused, #b2_aToken_of32BitsAgoAndOlder_isRefused</td></tr>
 * <tr><td>14</td><td>awaiting twice is noticed</td>
 * <td>each time, at the same time too</td>
 * <td>ChannelMisuseTest#await_aSecondTime_isRefused,
 * #await_whileAnotherThreadAwaits_isRefusedAndTheFirstGetsTheMessage</td></tr>
 * <tr><td>15</td><td>a handle that was kept too long is noticed</td>
 * <td>for ever</td>
 * <td>ChannelMisuseTest#await_ofAReadSeventyThousandReadsAgo_isRefused</td></tr>
 * <tr><td>16</td><td>a second read at the same time is noticed, and says who is first</td>
 * <td>refused, and the first goes on; {@code io.valuetask.debug} adds where that was started and awaited</td>
 * <td>ChannelMisuseTest#read_whileAnotherIsPending_isRefusedAndTheFirstGetsTheMessage,
 * OperationTraceTest#misuse_whenDebugIsOn_hasThePlacesOfTheOthers</td></tr>
 * <tr><td>17</td><td>a mistake is an exception at its place, and harms nobody else</td>
 * <td>with the numbers and the way out</td>
 * <td>ChannelConformanceTest#row88_read_misusedInEveryWay_tellsAndGoesOn,
 * ChannelMisuseTest#write_awaitedTwice_isRefusedAndTheNextIsNotHarmed</td></tr>
 * <tr><td>18</td><td>nothing is lost in silence</td>
 * <td>channels that nobody takes are closed, a served one with its body; operations that nobody consumes are counted,
 * and those of a pool reported. A channel that was taken and is then forgotten stays open, as Netty's do</td>
 * <td>AcceptTest#close_whenConnectionsWereNotTaken_closesThemAndNoOthers, #discard_ofAnAccept_closesTheNextConnection,
 * ConnectTest#discard_ofAConnect_closesTheChannelOnceItIsOpen,
 * HandlerLifeCycleTest#body_whenItEnds_closesTheChannelAfterItsWrites,
 * PromiseReuseTest#writes_thatNobodyConsumes_keepWorking,
 * ValueTaskSourcePoolWatchTest#source_droppedWhilePending_isReportedOnceWithItsTokenAndState</td></tr>
 * <tr><td>19</td><td>who releases a buffer is said and tested</td>
 * <td>whoever took it; the channel in every other case, whatever ends it</td>
 * <td>EndingMatrixTest#operation_awaitedByAContinuation_endsOnceAndLeavesNoBuffer,
 * #operation_awaitedByAThread_endsAndLeavesNoBuffer,
 * ChannelCloseTest#close_whenMessagesWereNotRead_releasesThem</td></tr>
 * <tr><td>20</td><td>a scope that closes the channel</td>
 * <td>{@code try (channel)}, and the body of a served one</td>
 * <td>CloseReasonTest#closed_whenTheBlockOfTheChannelEnds_tellsLocal,
 * HandlerLifeCycleTest#body_whenItThrowsARuntimeException_closesTheChannelAndIsLogged</td></tr>
 * <tr><td>21</td><td>close waits for what was written</td>
 * <td>up to a deadline</td>
 * <td>ChannelCloseTest#close_whenWritesArePending_letsThemOutFirst,
 * #close_whenThePeerNeverReads_failsWhatIsPendingAtTheDeadline, DrainTest#close_onNio_letsEverythingOutToASlowReader,
 * #close_overTls_letsEverythingOutToASlowReader</td></tr>
 * <tr><td>22</td><td>to close again is no mistake</td>
 * <td>neither here nor after the peer</td>
 * <td>ChannelCloseTest#close_again_completesWithoutComplaint,
 * #close_afterThePeerClosed_completesWithoutComplaint</td></tr>
 * <tr><td>23</td><td>the end of the output can be awaited</td>
 * <td>{@code shutdownOutput()}, behind what was written</td>
 * <td>ShutdownOutputTest#shutdownOutput_whenWritesArePending_letsThemOutFirst, #reads_afterShutdownOutput_goOn,
 * #shutdownOutput_overTls_endsOneDirectionOnly</td></tr>
 * <tr><td>24</td><td>a peer that has finished is read to its end, and answered</td>
 * <td>null, every time; writes go on</td>
 * <td>ChannelReadTest#read_whenThePeerHasFinishedAfterMessages_returnsThoseFirst,
 * ChannelWriteTest#write_afterThePeerHasFinished_reachesIt,
 * HalfClosedPeerTest#writes_whenThePeerHasFinished_waitForItAsOftenAsNeeded</td></tr>
 * <tr><td>25</td><td>a connection that breaks is noticed while nobody reads</td>
 * <td>{@code closed()} tells, and why; on NIO as long as the channel reads ahead</td>
 * <td>ChannelCloseTest#closed_whenThePeerResetsAndNobodyReads_completes,
 * CloseReasonTest#closed_whenThePeerFinishesAndNobodyReads_tellsRemoteToo,
 * #closed_whenThePeerResetsAndMuchWaitsToBeRead_isToldExceptByNio</td></tr>
 * <tr><td>26</td><td>a read that is cancelled leaves the channel as it was</td>
 * <td>it loses no message</td>
 * <td>ChannelCancellationTest#read_whenTimeIsUp_leavesTheMessageToTheNext,
 * #read_whenItsFutureIsCancelled_leavesTheMessageToTheNext,
 * ReadFormsTest#cancelPendingRead_cancelsItAndLosesNothing</td></tr>
 * <tr><td>27</td><td>what a cancelled write has done is known</td>
 * <td>not sent if it was on its way to the pipeline; else its waiter is let go</td>
 * <td>QueuedWriteTest#cancel_beforeTheLoopHasIt_sendsNothingAndReleasesOnce,
 * ChannelCancellationTest#write_whenTimeOfAStalledOneIsUp_isStillSent</td></tr>
 * <tr><td>28</td><td>a timeout for each operation, without an object for each</td>
 * <td>{@code await(Duration)} for who blocks; {@code read(Duration)} for continuations, with one timer for a
 * channel</td>
 * <td>ReadFormsTest#readWithTimeout_whenTimeIsUp_failsAndLosesNothing,
 * ChannelAllocationTest#readWithTimeoutAndWrite_onTheLoop_allocateNothing</td></tr>
 * <tr><td>29</td><td>to interrupt who waits is safe</td>
 * <td>it cancels, and nothing is lost or doubled</td>
 * <td>ChannelCancellationTest#read_whenTheWaiterIsInterrupted_leavesTheMessageToTheNext,
 * #read_whenInterruptAndArrivalRace_losesAndDoublesNothing,
 * ValueTaskAwaitTest#interrupt_thatComesTooLate_returnsTheOutcomeAndKeepsTheFlag</td></tr>
 * <tr><td>30</td><td>continuations, with a state and so without a capture</td>
 * <td>{@code onCompleted}</td>
 * <td>ChannelConformanceTest#row84_read_continuesInsideThePipelinesCallUnlessToldOtherwise,
 * AllocationTest#armRegisterCompleteConsume_allocatesNothing</td></tr>
 * <tr><td>31</td><td>awaiting on virtual threads</td>
 * <td>{@code await()}, on platform threads too</td>
 * <td>ChannelCancellationTest#read_whenTheWaiterIsInterrupted_leavesTheMessageToTheNext,
 * ValueTaskAwaitTest#await_whenPending_returnsTheResult, SocketlessTest#local_echoesAMegabyte</td></tr>
 * <tr><td>32</td><td>a view as future or stage</td>
 * <td>{@code toCompletableFuture}, {@code NettyFutures}; for an object</td>
 * <td>ValueTaskFutureTest#toCompletableFuture_whenPending_consumesAndFollowsTheOperation,
 * NettyFuturesTest#toFuture_whenTheOperationEnds_completesAndFreesTheSource</td></tr>
 * <tr><td>33</td><td>adapters to other models</td>
 * <td>{@code CompletionStage}, Netty's {@code Future} and {@code Promise}, {@code Flow.Publisher} and {@code
 * Flow.Subscriber}, and so what bridges to these; none of its own for Kotlin</td>
 * <td>AsyncIteratorSubscriberTest#fromPublisher_requestsOneElementForEachMove,
 * ReadFormsTest#publisher_takesNoMoreThanWasRequested,
 * ChannelSubscriberTest#onNext_whileThereIsNoRoom_waitsAndRequestsNoMore,
 * NettyFuturesTest#await_ofAPendingFuture_returnsItsResultAsOftenAsAsked</td></tr>
 * <tr><td>34</td><td>what is complete is taken without waiting</td>
 * <td>at once, on the same thread</td>
 * <td>ChannelConformanceTest#row96_send_whenThereIsRoom_isCompleteAtOnce,
 * AllocationTest#awaitOfWhatIsComplete_allocatesNothing</td></tr>
 * <tr><td>35</td><td>where a continuation runs can be chosen</td>
 * <td>inline, on the caller's event loop, on an executor, or never on the completer's stack</td>
 * <td>ChannelConformanceTest#row94_operation_continuesOnTheChannelsLoopOrWhereItWasTold,
 * SocketConformanceTest#row69_read_continuesOnTheRegistrantsExecutorIfAsked,
 * CoreSourceContextConformanceTest#row16_runContinuationsAsynchronously_holdsForEveryOperation</td></tr>
 * <tr><td>36</td><td>long chains of continuations do not overflow the stack</td>
 * <td>eight deep at most</td>
 * <td>TrampolineTest#complete_inAChainOfAMillion_runsInConstantStackAndInOrder, #run_whenNested_isNeverDeeperThanEight,
 * NestedCancellationConformanceTest#row92_cancel_insideACancellationTenThousandDeep_neitherLocksUpNorOverflows</td></tr>
 * <tr><td>37</td><td>awaiting on the event loop does not lock it up</td>
 * <td>it throws where it would have to wait, and the operation goes on</td>
 * <td>ChannelMisuseTest#await_onTheEventLoop_isRefusedAndTheReadGoesOn,
 * EventLoopCallerContextTest#await_onAnExecutorOfHandlers_isRefusedAndTheOperationGoesOn</td></tr>
 * <tr><td>38</td><td>virtual threads that run on the event loop</td>
 * <td>those of served channels do, where the JVM lets them</td>
 * <td>ServedBodyTest#echo_answersEveryMessageAndEndsWithThePeer, CarriedAllocationTest#send_allocatesNothing,
 * CarriedFlushTest#burst_answeredOneByOne_isFlushedOnce</td></tr>
 * <tr><td>39</td><td>the code of a connection runs where its events are</td>
 * <td>continuations do, on the channel's event loop, and so do served bodies where the JVM lets them</td>
 * <td>ChannelConformanceTest#row94_operation_continuesOnTheChannelsLoopOrWhereItWasTold,
 * AcceptTest#accept_withAContinuation_runsItOnTheServersLoop,
 * ConnectTest#connect_whenAHandlerDelaysTheActiveEvent_completesOnTheLoopWithIt</td></tr>
 * <tr><td>40</td><td>neither transport nor continuations starve the other</td>
 * <td>a turn of bodies ends after a millisecond, and the loop's I/O comes before the next one</td>
 * <td>CarrierFairnessTest#socket_whileBodiesYieldForEver_isServed, #tasksAndTimers_whileBodiesYieldForEver_run,
 * #io_whenManyBecomeReadyElsewhereAtOnce_comesAfterOneTurn</td></tr>
 * <tr><td>41</td><td>behind TLS, HTTP/1.1, HTTP/2 streams, WebSocket and others</td>
 * <td>each of them, by threads and by event loops</td>
 * <td>PipelineMatrixTest#messages_betweenThreads_areAnsweredOneByOneUntilTheClientFinishes,
 * #messages_betweenLoops_areAnsweredOneByOneUntilTheClientFinishes,
 * Http2StreamTest#streams_manyAtOnce_areAnsweredToTheirEnds, WebSocketTest#close_saysGoodbyeAndThenCloses</td></tr>
 * <tr><td>42</td><td>datagrams, and channels in memory</td>
 * <td>all of them; io_uring where the system has it: the contract and the tests of sockets run on each</td>
 * <td>DatagramTest#packets_betweenThreads_areAnsweredOneByOne, SocketlessTest#local_echoesAMegabyte,
 * #embedded_readsAndWrites, ChannelReadTest#read_whenMoreArrivesThanIsReadAhead_returnsAllInOrder,
 * IoUringTransportTest#read_whenTheEndArrivesWithTheLastMessage_isToldOfBoth</td></tr>
 * <tr><td>43</td><td>accepted connections, one by one</td>
 * <td>{@code accept()}; the rest waits in the backlog</td>
 * <td>AcceptTest#accept_whenNobodyConnectsYet_waitsForTheFirst, #accept_whenNobodyTakes_leavesTheRestInTheBacklog,
 * AcceptRaceTest#accept_ofAThousandConnections_takesEachOnce</td></tr>
 * <tr><td>44</td><td>connecting and binding that can be awaited, with typed messages</td>
 * <td>{@code connect} and {@code bind}, with the handlers that make the messages</td>
 * <td>ConnectTest#connect_withCodecs_readsAndWritesWhatTheyMake, BindTest#bind_withACodec_acceptsChannelsThatSpeakIt,
 * #bind_toAPortInUse_failsAndCloses</td></tr>
 * <tr><td>45</td><td>another protocol on the same connection</td>
 * <td>{@code upgrade} and {@code handOver}; nothing that was read ahead is lost</td>
 * <td>UpgradeTest#upgrade_whenMessagesWait_passesThemThroughTheNewHandlers,
 * ProtocolSwitchTest#upgrade_whenAlpnHasChosen_losesNothing, #upgrade_fromHttpToWebSocket_servesTheJdksClient,
 * ReadGateTest#upgrade_atTheMark_readsOn</td></tr>
 * <tr><td>46</td><td>user events are seen by who awaits</td>
 * <td>{@code readEvent()}</td>
 * <td>UserEventTest#readEvent_whenOneComes_completesWithIt,
 * #readEvent_whenTheTlsHandshakeIsComplete_tellsSoHoweverLateItIsAsked</td></tr>
 * <tr><td>47</td><td>doubles for the tests of users</td>
 * <td>Netty's own: {@code LocalChannel} for straight-line code, {@code EmbeddedChannel} for continuations</td>
 * <td>UserCodeTest#straightLineCode_onALocalChannel_isTestedFromTheOtherEnd,
 * #continuations_onAnEmbeddedChannel_areTestedStepByStep</td></tr>
 * </table>
 */
package io.valuetask.netty;

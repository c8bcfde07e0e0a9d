package attribution

// Given names that are common in English-language news, by the gender that they
// tell. They are facts of the language like the other lists: a name that is not
// here tells nothing.

var givenMale = set(`aaron abdirahman abdul abdulla abdullah abdulrahman abel abhishek abner abraham abu adam ade adebayo adeel adil adnan adrian agustin ahmad ahmed ahsan
aidan aiden ajay ajit akash akbar al alan alasdair alastair albert alberto alec aled alejandro alessandro alexander alexandre alexei alf alfie alfonso
alfred alfredo ali alistair allan allen alonzo alphonse alun alvin alwyn ambrose amin amir amit amjad ammar amos anand anatoly anders andre andreas
andrei andrew andrzej andy angelo angus anil ansar ansel anselm anthony antoine anton antonio antony anwar archie ari arjun arlo armand armando arnold
aron arron arshad arthur arturo arun arvind asad asher ashok ashraf ashwin asif asim atul augustin augustine aurelio austin avi avraham ayman azeem
aziz babar babatunde badr baljinder balraj barack barak barnaby barney barrie barry bartholomew bartosz bashir basil basit ben benedict benito
benjamin benny benoit bernard berni bernie bert bertrand bharat bhavesh bilal bill billy bjorn bob bobbie bobby bogdan boniface boris brad braden
bradley brady brandon brendan brent brett brian bruce bruno bryan bryce bryn burt byron cai caleb callum calogero calum calvin carl carlo carlos
carsten carwyn cathal cathaoir cavan cecil cedric cesar chad chadwick charanjit charles charlie chas chester chetan chidi chike chima chinedu
christian christoph christophe christopher chuck chukwu chukwuemeka cian ciaran cillian clancy clarence claude claudio cledwyn clem clement cliff
clifford clint clive cody cole colin colm colum conall connor conor conrad constantine corentin corey cormac cornelius craig crispin curtis cyril
cyrus dafydd dai daithi dale damian damien damon dan daniel danilo danny dara dario darius dariusz darnell darragh darren darryl dave davey david
davide davinder davis dayo dean declan deepak delbert delroy denis dennis denny denzil derek dermot dermott derrick des deshawn desmond devin dewi
dexter dhruv didier diego dieter dietmar dilip dimitri dinesh dino diogo dipak dirk dmitri dmitry domingo dominic dominick don donagh donal donald
donncha donnie donovan doug dougal dougie douglas dumitru duncan dustin dwayne dwight dyfed dylan eamon eamonn earl earnest eben ebenezer eberhard
eckhard ed eddie edgar edmund eduard eduardo edvard edward edwin efraim egon einar eirik eitan eldon elgin eli elias elijah elliot elliott elon elvis
elwood elwyn emanuel emanuele emeka emil emilio emlyn emmanuel emmett emre emrys enda enoch enrique enzo eoghan eoin eric erik ernest ernesto errol
erwin esteban ethan etienne euan eugene evan everett ewan ezekiel ezra fabian fahad faisal faizal fareed farhan farooq farouk fawad feargal felipe
felix femi ferdinand fergal fergus fernando fidel filip finlay finn fintan flavio florian floyd folarin francesco francisco franco francois frank
franklin franz fraser fred freddie frederick fredrik friedhelm friedrich fyodor gabor gabriel gael galen ganesh gareth garret garry gary gaspard
gautam gavan gavin gaz ged geert gene geoff geoffrey george geraint gerald gerard gerhard gerry gethin giacomo gianluca gideon gil gilbert giles gino
giorgio giovanni giuseppe glen glenn glyn gopal goran gordie gordon grady graeme graham grant greg gregor gregorio gregory grigori guglielmo guido
guillaume guillem guillermo gunnar gurdeep gurpreet gus gustav guy gwilym gwyn gwynfor habib hadi hakan hakeem halil hamid hamish hamza hank hans
hardeep hari harinder harish harjit harold haroon harpal harrison harry harvey hasan hassan haydn hector heinrich heinz helmut hendrik henri henrik
henry herbert herman hermann hernan hideo hiroshi hitesh horace howard howell howie hugh hugo humphrey husain hussain hussein huw hywel iago iain ian
ibrahim idris idwal iestyn ieuan ifan ifor ignacio ignatius igor ike ikenna ikram ilyas imran imtiaz inderjit innes ioan iorwerth iqbal ira irfan
irvin irving isaac isaiah isidro ismail istvan itai ivan ivo ivor iwan iwo iyad jack jackson jacob jacques jago jaime jairo jake jakob jakub jamal
james janek janos jared jaroslav jarrod jarvis jason jasper jaswant javed javid javier jaxon jayden jaydon jayesh jean-claude jean-luc jean-marc
jean-paul jean-pierre jed jedediah jeff jefferson jeffrey jem jens jeremiah jeremy jermaine jeroen jerome jerry jesus jethro jim jimmy jiri joachim
joao joaquin jock joe joel joey johan johannes john johnny jolyon jon jonah jonas jonathan jonny jonty jordi jorge jose josef joseph josh joshua
josiah josip juan juhani julian julio julius junaid jurgen jurgis justin kabir kacper kaleb kamal kamran karan kareem karim karl karol kashif kaspar
kaspars kayode kaz kazuo kees keir keith kelechi kelvin ken kendrick kenji kenneth kenny kev kevan kevin khaled khalid khurram kieran kieron kingsley
kiril kirk klaus kobi kofi kojo konrad krishna krishnan kristof krzysztof kunal kurt kwabena kwaku kwame kwasi kyle lachlan lamar lance larry lars
laszlo laurence lauri lawrence lazar lech lee leif lemuel len lennart lennox lenny leo leon leonard leonardo leroi leroy lester lev levi lewis liam
lincoln lionel liviu llewellyn lloyd lochlan logan lon lonnie lorcan lorenz lorenzo lorne lou louis luc luca lucas lucian lucien ludovic ludwig luigi
luis luka lukas lukasz luke luther lyle madhav magnus mahesh mahmood mahmoud maksim malachi malachy malcolm malik manfred manish manjit manoj mansoor
manuel manus maqsood marc marcel marcello marcelo marcin marco marcos marcus marek mariano mario marius mariusz mark marlon marshall martin marty
marvin massimo mateo mateusz mathew mathias mats matt matteo matthew matthias maurice mauricio mauro max maxim maximilian maximillian maxwell mehdi
mehmet meirion mel melvin menachem merlin merrick merv mervyn michael micheal michel mick mickey micky miguel mihai mihail mikael mike mikey mikhail
mikolaj milan miles milo milos miroslav mirza mitch mitchel mitchell mo moaz moeen mohamad mohamed mohammad mohammed mohan mohsin moin mordecai moritz
morris mort moses moshe muhammad muhammed mukesh munir murray murtaza mustafa myles nabil nadeem nadim naeem naftali nagesh najib narayan narendra
naresh nasir nasser nate nathan nathanael nathaniel navid navin nawaz neal ned neeraj nehemiah neil nelson nestor neven neville niall niamat nicanor
nicholas nick nickolas nico nicolas niels nigel nikhil nikita nikolai nikos nils nitin noah noam noel norbert norman nuno obadiah obi odhran oisin ola
olaf olav oleg oliver olivier ollie olof olu olumide olusegun oluwaseun omar omer orlando osama oscar osman oswald otis otto ousmane owain owen pablo
paddy padraic padraig paolo parker parvez pascal pascoe patrick patryk paul paulo pavel pawan pawel peadar peder pedr pedro percival percy perry pete
peter petr petros petrus phil philip philipp philippe phillip pierre piers piet pieter piotr pradeep prakash pranav prasad przemyslaw qasim quentin
quinton rab raekwon rafael raff raheem rahim rahul rainer raivis raj rajan rajendra rajesh rajinder rajiv rakesh ralph ramesh rami ramin ramiro ramiz
ramon randall randy raoul raphael rasheed rashid rasmus raul ravi ravinder ray raymond raymundo reece reg reggie reginald reinhard reinhold remy
renato rene reuben rex reza rhodri rhydian rhys riaz ricardo richard rick ricky ringo rishi risto riyad rizwan rob robbie robert roberto rod roderick
rodger rodney rodolfo rodrigo rogelio roger rohan rohit roland rolf roman ron ronald ronan ronnie ronny rory roshan ross rowan roy ruairi ruari ruben
rubens rudolph rudy rufus rupert russ russell ruud ryan ryszard saad sacha sachin sadiq saeed safdar sahil sajid saleem salim salman salvador
salvatore samad sami samir samson samuel samuele sandeep sanjay sanjeev sanjit santiago santosh sarfraz satish saul saurabh scott seamus sean
sebastian sebastien selim selwyn senan serge sergei sergey sergio seth shabbir shabir shafiq shahid shakeel shakil shamus shane shankar shaquille
sharad shashi shaukat shaun shawn shiraz shiv sid siddharth sidney siegfried sigmund silas silvester silvio simeon simon sinan sion sivan slavomir
slobodan sohail solomon soren spencer spiros stan stanley stavros stefan stefano steffan stelios stepan stephan stephane stephen sterling steve steven
stewart stig stuart subhash sudhir sulaiman suleiman suleman sunil suresh surinder surjit svein sven svetozar swraj syed sylvester taavi tadeusz tahir
taj tamas tanveer tariq tarun tashi tavis tayo ted teddy teemu teodor terence terrance terrell terry tevin thad thaddeus theo theodor theodore
thibault thierry thom thomas thorsten tibor tiernan tim timo timothy tobi tobias tobin toby todd tom tomas tomasz tommy tomos tony torquil torsten
toussaint travis trefor tremaine trent trevor tristan troy trystan tudor tunde tunji tyler tyrone uchenna ueli ugo ulick ulrich ultan umar umesh unai
uriah usmaan usman uwe vaclav vadim valdis valentin varun vasco vasily vern vernon victor vijay vikesh vikram vikrant viktor vilhelm vinay vince
vincent vineet vinesh vinny vinod vipul virgil vishal vitaly vito vivek vlad vladimir volodymyr wade wahid wajid waleed walid wallace wally walter
waqar warren waseem wasim wayne werner wes wesley wilbert wilbur wilf wilfred wilfried wilhelm will willem willi william willie wim winston wojciech
wolfgang wyatt wynford xavier yahya yakub yan yaroslav yaseen yash yasin yasir yasser yiannis yitzhak yonatan yorick yosef yousef youssef yunus yuri
yusuf yuval yves zac zach zachary zack zafar zaheer zahid zaid zak zakaria zaki zakir zane zayd zayn zbigniew zdenek zeeshan zeke zia zoltan zoran
zubair zulfiqar`)

var givenFemale = set(`aaliyah abbie abby abeba abena abigail abiola ada adaeze adah adele adeline adina aditi adriana adriane adrienne afsana afua agata agatha aggie agnes
agnieszka aida aideen aileen aimee aine aisha aishah aisling aislinn akua alana alba aleisha alejandra aleksandra alena alesha alessandra alexa
alexandra alexandria alexia alexis alfreda alia alice alicia alina alisa alisha alison alissa aliyah allegra allison allyson alma alodie althea alva
alwen alyssa amal amanda amandine amani amara amaya amber amelia amie amina amira amna amrita amy ana anabel anabella anais ananya anastacia anastasia
andrea andreea andria andrina aneta anette angela angeles angelica angelika angelina angharad angie aniela anika anila anita anjali ann ann-marie anna
annabel annabelle annabeth annalise anne anne-marie anneka anneliese annelise annemarie annette annie annika anouk anoushka anthea antoinette antonia
anusha anushka anya aoibheann aoibhinn aoife aparna april arabella ariadne ariana arianna arleen arlene arti arwen asha ashleigh ashlyn astra astrid
asya athena audra audrey aurelia aurelie aurora ava avani ayaan ayan ayesha azra babs bahar barbara barbra bea beata beatrice beatrijs beatrix beatriz
becca beccy becky belinda bella benedetta benita bernadette bernadine bernice berniece berta bertha beryl bess beth bethan bethany betsy bettie
bettina betty bettye beverley beverly bharti bhavna bianca birgit blaithin blanche blanka blessing blodwen bláthnaid bonnie bozena branwen brenda
brenna briana briar bridget bridgette bridie brigid brigitte britta brittany bronagh bronia bronwen bronwyn brooke bryony caileigh caitlin caitriona
calista camila camilla camille candace candice candida caoimhe cara caren carina carla carlota carlotta carly carmel carmela carmella carmen carol
carole caroline carolyn caron carrie caryl carys cassandra catalina catarina caterina catherina catherine cathleen cathryn cathy catrin catrina
catriona cecilia celeste celia celine chandni chanelle chantal charis charity charlene charlotte charmaine charmian chaya chelsea cherie cheryl
cheyenne chiara chidinma chinwe chioma chipo chloe chloé christa christabel christiana christiane christina christine christy ciara cilla cindi cindy
claire clara claribel clarice clarissa claudette claudia claudine clementina clementine cleo clodagh coleen colette colleen concepta concetta connie
constance constanza cora cordelia coretta corinne cornelia corrie cosima courtney cressida cristina crystal cynthia dagmar dahlia daisy dalia damaris
dana dani danica daniela danielle danuta daphne daria darlene davina dawn dearbhla debbie debora deborah debra debs dede deepa deepika deidre
deirbhile deirdre delia delilah della delores delphine delyth demelza denise denisha denita dervla desdemona desiree devika diana diane dilys dimitra
dina dinah diya dolores dominique donatella donna dora doreen dorina doris dorota dorothea dorothy dottie dulcie dunja dympna ebba edda edie edith
edna edwige edwina efua eileen eilidh eimear ekaterina elaina elaine eleanor eleanora elena eleni eleonora eleri elfriede eliana elin elinor elisa
elisabeth elise elisha elissa eliza elizabete elizabeth ella ella-rose elle ellen ellie elma elodie eloisa eloise elsa elsie elspeth elva elvira emer
emiko emilia emiliana emilie emily emma emmanuelle emmeline ena enid enya erica erika erin esi esme esmeralda esperanza estela estelle esther ethel
etta eudora eugenia eugenie eunice eva evangeline eve evelyn evie ewa eyerusalem fadia fadwa faith faiza fanny farah farhana farida farrah farzana
fatemeh fatima fatimah fatma fatou fatoumata fawzia fay faye felicia felicitas felicity fern fernanda ffion fidelma filomena finola fiona fionnuala
flavia fleur flora florence florrie folake folasade fran frances francesca francine francoise franziska françoise freda freya frida frieda fumiko
gabriela gabriella gabrielle gail gayatri gayle gaynor gemma genevieve genoveva georgette georgia georgie georgina geraldine gerda germaine gertrude
ghada ghislaine giada gilda gillian gina ginette ginger ginny giovanna gisela gisele giselle gita githa giulia giuliana gladys glenda glenys gloria
glynis glynnis gosia grace grainne grazia greer greta gretchen gretel griselda gráinne guadalupe gudrun guinevere gulnaz gurinder gwen gwenda
gwendolyn gwenllian gwyneth hadiya hadiza haf hafsa haifa hala halima hana hanan hanna hannah hannelore harleen harriet harshita hattie hatty haya
hayley hazel heather heba hedda hedwig hedy heidi heike helen helena helene helga heloise henrietta henriette hera hermione hester hettie hilary hilda
hilde hillary hinda hiroko hollie holly honoria hope hortense huma iben ida ileana ilona ilse imani imelda imogen ina indira indra ines inez inga
ingeborg ingrid iolanda ione iqra irene irina iris irma isabel isabella isabelle isadora isaura iseult isha ishbel isla isobel isolde iva ivana ivanka
ivonne ivy izabela izzy jacinda jacinta jackie jacqueline jacquelyn jacqui jade jaleh jamila jana jane janelle janet janette janice janina janine
janis janiya jasmin jasminder jasmine jaswinder jayne jeanette jeanne jeannie jeannine jemima jemimah jemma jen jenifer jenna jenni jennie jennifer
jenny jeri jerrie jessamy jessica jessie jihan jill jillian jo jo-ann jo-anne joan joana joann joanna joanne jocasta jocelyn jodie joelle joellen
joely jolanta jolene jolie jorja josefa josefina josephina josephine josette josie jovita joy joyce juana juanita judit judith judy julia juliana
julianna julianne julie julieanne juliet juliette jumana june justina justine justyna jyoti kaitlin kaitlyn kajal kalpana kamala kamila kara karen
karin karina karla karolina kashmira kasia katalin katarina katarzyna kate katerina kateryna kath katharina katharine katherine kathi kathie kathleen
kathryn kathryne kathy katie katja katlyn katrin katrina katy katya kay kaye kayla kayleigh keeley keely keiko keira keisha kelli kellie kelly
kellyanne kemi kendra kensa kerensa kerri kerrie kerry keshia khadija khadijah kimberlee kimberley kimberly kinga kirsteen kirsten kirsty kitty
konstancja kristen kristin kristina krystal krystyna ksenia kumari kylie lakshmi lala lalita lamia lana laoise lara larissa latasha latifa latoya
latrice laura laureen lauren laurie lavinia layla leah leandra leanne leila leilani lena lenka lenore leona leonie leonora leontine lesia lesley
leticia letitia lexi liana libby lidia lieselotte liesl lila lilian liliana lilith lilli lillian lily lily-mae lina linda lindsay lindsey linnea
linsey lisa lissa liv liz liza lizzie lois lola loredana loreen lorelei lorene lorenza loretta lori lorna lorraine lottie louella louisa louise
lourdes lucasta lucetta lucia lucie lucille lucinda lucrezia lucy ludmila luella luisa lulu lydia lynda lyndsey lynette lynn lynne lynsey lyra
lyudmila mabel mabli macy madalena maddie madeleine madeline madhuri madison mae maeve mafalda magali magda magdalena maggie mahalia maire mairead
mairi maisie malala malgorzata mamie manal mandy manisha manon manuela mara marcela marcella marcelle marci marcia mareike maren margaret margarita
margaux margery margo margot marguerita marguerite maria mariam marian mariana marianna marianne maribel marica marie marie-claire marie-louise
mariela mariella marika marilena marilou marily marilyn marina marion maris marisa marisol marissa marit marjan marjorie marjory marla marlena marlene
marnie marsha marta martha martina martine marva marwa mary mary-ann mary-anne mary-jane mary-lou maryam marybeth marzena mathilde matilda matilde
maud maude maura maureen mavis maxine maya meena meera megan megha meghan mehreen mei melania melanie melba melina melinda melissa melodie melody
menna mercedes mercy meredith meritxell merle merryn meryl mia michaela michele micheline michelle mildred milena millicent millie mimi mina mindy
minerva minnie mira miranda mireille mirela miriam mirjam miroslava modesta moira mollie molly mona monica monique morag morgana morven morwenna moya
moyra mpho muireann muna munira muriel myfanwy myra myrna myrtle naaz nada nadezhda nadia nadine nadira naila naina najma nancy nanette naomi narges
narinder nasima nasreen nasrin natacha natalia natalie natalya natasha natassja navneet nazia nazreen neelam neema neha nell nellie nerissa nerys
nessa nesta neva ngaio ngaire ngozi nia niamh nichola nichole nicola nicole nicolette nidhi niharika niki nikki nimisha nimmi nina nisha nkechi noelle
noemi nora norah noreen norma noura nuala nuria nyasha oana octavia odalys odette odile ofelia oksana olena olga olive olivia olwen olwyn oona opal
ophelia ophelie oriana orla orlagh ornella orsolya ottilie ottoline padma padmini paige palesa paloma pam pamela pansy paola parisa parvati parveen
pascale patience patricia patrizia patrycja patsy paula paulette paulina pauline pearl peggy penelope penny perdita perpetua petra petronella petula
philippa philomena phoebe phyllida phyllis pia pilar pippa pixie polina polly pooja poonam poppy pragya pratibha preeti prisca priscilla priti priya
priyanka prudence purnima purvi queenie rabia rachael rachel radhika rafaela raina raisa ramona rana randa rani ranjana raquel rasha rashida rathna
razia reba rebecca rebekah reena regina rehana rema rena renata renate renee reshma rhea rhian rhiannon rhoda rhona rhonda rihanna rita riva roberta
robyn rochelle rocio roisin roisín romana romilly romola romy rona ronagh ronda roopa rosa rosalba rosaleen rosalia rosalie rosalind rosalyn rosamond
rosamund rosana rosanna rosanne rose roseanna roseanne roselyn rosemarie rosemary rosheen roshni rosie roslyn roswitha rowena roxana roxanne roxy
rubina ruby rukhsana rupa rupinder ruqayyah ruth ruxandra ryoko saadia sabeena sabiha sabina sabine sabrina sadaf sadia sadie saffron safiya saga
saima saira sakina sally sally-ann sally-anne salma salome samantha sameera samia samina samira sandhya sandra sandrine sangeeta sanjana sanna saoirse
saorla sapna sara sarah sarah-jane sarita saskia savita scarlett seema selena selina selma senga seonaid seren serena shabana shabnam shaista shakira
shalini shamima shanaz shanelle shani shania shanice shannen shannon shantelle sharlene sharmila sharon shauna shaunagh shawna shayla shayna shazia
sheela sheena sheila shelagh shelley shelly sheri sherri sherrie sherry sheryl shilpa shireen shirin shirley shivani shobha shona shonda shondra
shreya shruti sian sibongile sibyl sidonie siegrid sienna sigrid sigrun silke silvana silvia simona simone simran sinead siobhan siobhán sive siân
sneha socorro sofia soheila solange soledad solveig sonali sonia sonja sonya sophia sophie soraya sorcha soumya stacey stacy stefania steffi stella
steph stephanie stephany sue suella sukhjit suki sultana sumaya sumita sunita supriya suranne surekha susan susana susanna susannah susanne sushila
susie suzan suzanna suzanne suzette swati sybil sylvia sylvie sylwia tabitha tahira tahmina talia tallulah tamar tamara tamera tamika tammie tamsin
tamsyn tania tanisha tansy tanya tara tarana tariro tasha tatiana tatyana tayla teodora teresa terri tess tessa thandeka thandi thandiwe thea thelma
theodora theresa therese thirza thomasina thora tia tiana tiffany tilda tillie tilly tina toni tonya tova tracey tracy tricia trina trish trisha trudi
trudie trudy tuppence ulla ulrike uma una ursula uschi uzma vaishali valentina valeria valerie vanda vandana vanessa vanya varsha veena velma vera
verena verity verona veronica veronika vesna vicki vicky victoria victorija vida viktoria vilma viola violet violeta violetta virginia vita vivian
viviana vivien vivienne wafa wanda wanjiru wenche wendi wendy whitney wilhelmina willa willow wilma winifred winnie winona wynne xanthe ximena xiomara
yael yasmeen yasmin yasmina yasmine yelena yesenia yetunde yevgenia yewande ylva yoko yolanda yolande yolonda ysabel ysolde yuliya yvette yvonne zadie
zahra zainab zaira zakia zara zaynab zeinab zelda zelma zenobia zeynep zinaida zinnia zoe zofia zoya zsofia zuleika zuzana zuzanna`)

var givenEither = set(`alex angel ashley cameron casey chris dale drew francis frankie hayden jamie jan jean jess jesse jordan jules kai kim kit leslie mackenzie max morgan nicky
olamide pat payton quinn ranjit riley robin sam sandy sasha shea sidney sky stevie taylor toni val yinka zain`)

// genderOfName is 'm' or 'f' where the given name tells it, else 0.
func genderOfName(given string) byte {
	switch {
	case givenEither[given] || givenMale[given] && givenFemale[given]:
		return 0
	case givenMale[given]:
		return 'm'
	case givenFemale[given]:
		return 'f'
	}
	return 0
}

// givenName reports whether the word, in lower case, is a given name.
func givenName(w string) bool { return givenMale[w] || givenFemale[w] || givenEither[w] }
